package org.carrel.domain.place;

import static org.carrel.domain.Require.require;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.session.SessionKey;

/// The members as one side knows them, and who of them is asked about a key.
/// @param members each once
public record Roster(List<Member> members) {
    /// Up to so many nodes, all are asked whether they hold a key.
    public static final int ASK_ALL_MOST = 50;

    /// A member serves as registrar only when it has been known for so long: until then others may not know it.
    public static final Duration REGISTRAR_AGE = Duration.ofSeconds(5);

    /// Candidates that are asked at once.
    public static final int PROBED = 3;

    public Roster {
        members = members.stream()
                .sorted(Comparator.comparing(member -> member.name().value()))
                .toList();
        require(members.stream().map(Member::name).distinct().count() == members.size(), "a node is listed twice");
    }

    public Optional<Member> member(NodeName name) {
        return members.stream().filter(member -> member.name().equals(name)).findFirst();
    }

    public boolean isUp(NodeName name) {
        return member(name).filter(Member::isUp).isPresent();
    }

    /// The node that serialises the begins of a key. Over all members, eligible or not, so that no drain, no new app
    /// and no full node moves it; one that is out of reach is passed over.
    /// @param now by the clock of `Member.since`
    /// @return empty when nobody can be reached
    public Optional<NodeName> registrar(SessionKey key, Instant now) {
        List<Member> reached = members.stream().filter(Member::isUp).toList();
        List<Member> settled = reached.stream()
                .filter(member -> !member.since().plus(REGISTRAR_AGE).isAfter(now))
                .toList();
        List<Member> serving = settled.isEmpty() ? reached : settled;
        return Rendezvous.order(
                        subject("registrar", key),
                        serving.stream()
                                .map(member -> new Rendezvous.Entrant(member.name(), 1))
                                .toList())
                .stream()
                .findFirst();
    }

    /// All that are eligible for the wish, in the order of its key. Every side with the same members has the same.
    public List<NodeName> candidates(Wish wish) {
        return Rendezvous.order(
                subject("candidate", wish.key()),
                members.stream()
                        .filter(member -> Eligibility.of(member, wish).isEmpty())
                        .map(member -> entrant(member, wish))
                        .toList());
    }

    /// Where a user without a home gets one: who has no files yet need not wait for a machine that is full. Among those
    /// with room by the user alone, so that two first begins agree.
    public Optional<NodeName> newHome(Wish wish) {
        Wish anywhere = wish.with(new Home.Shared());
        List<Member> able = members.stream()
                .filter(member -> Eligibility.of(member, anywhere).isEmpty())
                .toList();
        List<Member> roomy = able.stream()
                .filter(member -> member.load().fits(wish.demand()))
                .toList();
        return Rendezvous.order(
                        List.of("home", wish.key().owner().value()),
                        (roomy.isEmpty() ? able : roomy)
                                .stream()
                                        .map(member -> entrant(member, anywhere))
                                        .toList())
                .stream()
                .findFirst();
    }

    /// Whom to ask whether they hold the key: everybody who runs sessions, or in a large cluster the first candidates
    /// and whoever is said to hold it. A gateway that is gone keeps nobody waiting.
    public List<NodeName> possibleHolders(Wish wish) {
        List<NodeName> running =
                members.stream().filter(Member::runsSessions).map(Member::name).toList();
        if (running.size() <= ASK_ALL_MOST) return running;
        return Stream.concat(candidates(wish).stream().limit(PROBED), hintedHolders(wish.key()).stream())
                .distinct()
                .toList();
    }

    /// Nodes that were last heard of with a live session of this key, or never.
    public List<NodeName> hintedHolders(SessionKey key) {
        return members.stream()
                .filter(member -> member.mayHold(key))
                .map(Member::name)
                .toList();
    }

    private static Rendezvous.Entrant entrant(Member member, Wish wish) {
        return new Rendezvous.Entrant(member.name(), member.load().weightFor(wish.demand()));
    }

    private static List<String> subject(String what, SessionKey key) {
        return List.of(what, key.owner().value(), key.app().value(), key.name());
    }
}
