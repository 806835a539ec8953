package org.carrel.domain.member;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map.Entry;
import java.util.Optional;
import org.carrel.domain.member.Knowledge.Asked;
import org.carrel.domain.member.Knowledge.Heard;
import org.carrel.domain.member.Plan.Move;

/// How nodes that are switched on at the same moment become one cluster, and how two clusters that began
/// apart become one.
///
/// Where a candidate comes from never counts, only what it said itself, lately. A node founds a cluster
/// only when its announcement has come back to it (so that others would have been heard too), no new
/// candidate has come up for a while, all have been asked, and of those that live and have no cluster
/// either it is the first by address. Islands that arise all the same merge: the smaller one's nodes
/// restart their membership and join the larger. A partition makes no islands, since nobody is ever
/// removed by it. A member that was taken off the others' list while it could not be reached, and is back, restarts
/// its membership too.
public final class Coordination {
    /// Older answers count no more.
    static final Duration FRESH = Duration.ofSeconds(5);
    /// How long no new candidate must have come up.
    public static final Duration QUIET = Duration.ofSeconds(3);
    /// Where multicast doesn't come back by then, it doesn't work here.
    static final Duration ECHO_MOST = Duration.ofSeconds(15);
    /// Those it was with before have so long to answer.
    static final Duration REUNION = Duration.ofSeconds(8);
    /// Somebody else should have founded by then.
    static final Duration PATIENCE = Duration.ofSeconds(40);
    /// A member looks at other islands only after so long, so that its own has settled.
    static final Duration SETTLED = Duration.ofSeconds(5);
    /// By then members have heard of each other, also of those who joined while the network was cut: who says for so
    /// long that it is with others has taken this one off the list.
    static final Duration KNOWN_TO_ALL = Duration.ofSeconds(10);

    public static final int ASKED_AT_ONCE = 16;

    private Coordination() {}

    public static Plan decide(Knowledge known) {
        Optional<Island> own = known.self().island();
        List<Candidate> ask = due(known);
        return new Plan(ask, own.isPresent() ? asMember(known, own.get()) : asSeeker(known));
    }

    private static Move asMember(Knowledge known, Island own) {
        if (known.looking().compareTo(SETTLED) < 0) return new Move.Stay();
        for (Heard other : islands(known)) {
            Island theirs = other.claim().island().orElseThrow();
            String self = known.self().self();
            boolean isApart = !own.isSameAs(theirs, self) && own.yieldsTo(theirs);
            boolean isPutOut = known.looking().compareTo(KNOWN_TO_ALL) >= 0
                    && other.standing().compareTo(KNOWN_TO_ALL) >= 0
                    && theirs.goesOnWithout(self, own);
            if (isApart || isPutOut) return new Move.Merge(other.claim().address(), theirs);
        }
        return new Move.Stay();
    }

    private static Move asSeeker(Knowledge known) {
        for (Heard member : islands(known))
            return new Move.Join(
                    member.claim().address(), member.claim().island().orElseThrow());
        if (known.echoAwaited() && known.looking().compareTo(ECHO_MOST) < 0)
            return new Move.Wait("its own announcement to come back");
        if (known.quiet().compareTo(QUIET) < 0) return new Move.Wait("more candidates");
        for (Entry<Candidate, Asked> candidate : known.candidates().entrySet())
            if (unheard(candidate.getValue(), known)) return new Move.Wait("an answer of " + candidate.getKey());
        Optional<String> first = first(known);
        if (first.isPresent() && known.looking().compareTo(PATIENCE) < 0)
            return new Move.Wait(first.get() + " to begin the cluster");
        return new Move.Found();
    }

    /// A candidate must have been asked once; one that this node was with before has more time, since it
    /// may be starting too.
    private static boolean unheard(Asked asked, Knowledge known) {
        if (asked.since().isEmpty() || asked.pending() && asked.silences() == 0) return true;
        return asked.known() && !asked.answered() && known.looking().compareTo(REUNION) < 0;
    }

    /// Islands that were heard of lately: that from before the restart first, then the largest.
    private static List<Heard> islands(Knowledge known) {
        return fresh(known).stream()
                .filter(heard -> heard.claim().island().isPresent())
                .sorted(Comparator.comparing((Heard heard) -> !isRemembered(heard, known))
                        .thenComparing(
                                heard -> heard.claim().island().orElseThrow(),
                                (one, two) -> one.yieldsTo(two) ? 1 : two.yieldsTo(one) ? -1 : 0)
                        .thenComparing(heard -> heard.claim().address()))
                .toList();
    }

    private static boolean isRemembered(Heard heard, Knowledge known) {
        return known.self().island().isEmpty()
                && known.remembered().equals(heard.claim().island().map(Island::id));
    }

    /// Who comes before this node among those that look for a cluster too.
    private static Optional<String> first(Knowledge known) {
        return fresh(known).stream()
                .filter(heard -> heard.claim().island().isEmpty())
                .map(heard -> heard.claim().address())
                .filter(address -> address.compareTo(known.self().address()) < 0)
                .min(Comparator.naturalOrder());
    }

    private static List<Heard> fresh(Knowledge known) {
        return known.heard().values().stream()
                .filter(heard -> heard.age().compareTo(FRESH) <= 0)
                .filter(heard -> heard.claim().cluster().equals(known.self().cluster()))
                .filter(heard -> !heard.claim().node().equals(known.self().node()))
                .toList();
    }

    /// Those that were never asked first, then those asked longest ago.
    private static List<Candidate> due(Knowledge known) {
        List<Entry<Candidate, Asked>> due = new ArrayList<>();
        int room = ASKED_AT_ONCE;
        for (Entry<Candidate, Asked> candidate : known.candidates().entrySet()) {
            Asked asked = candidate.getValue();
            if (asked.pending()) room--;
            else if (asked.since().isEmpty() || asked.since().get().compareTo(interval(asked, known)) >= 0)
                due.add(candidate);
        }
        return due.stream()
                .sorted(Entry.<Candidate, Asked>comparingByValue(Comparator.comparing(
                                (Asked asked) -> asked.since().orElse(Duration.ofDays(1000)),
                                Comparator.reverseOrder()))
                        .thenComparing(Entry.comparingByKey()))
                .limit(Math.max(0, room))
                .map(Entry::getKey)
                .toList();
    }

    /// Every second at first; those that never answer ever more seldom, up to a minute. A member asks
    /// those outside its island every 5 s.
    private static Duration interval(Asked asked, Knowledge known) {
        long base = known.self().island().isPresent() ? 5_000 : 1_000;
        if (asked.known() && known.looking().compareTo(REUNION) < 0) return Duration.ofMillis(base);
        return Duration.ofMillis(Math.min(60_000, base << Math.min(6, Math.max(0, asked.silences() - 3))));
    }
}
