package org.carrel.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.carrel.cluster.Engine.Seen;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.member.Claim;
import org.carrel.domain.member.Coordination;
import org.carrel.domain.member.Island;
import org.carrel.domain.member.Knowledge;
import org.carrel.domain.member.Knowledge.Heard;
import org.carrel.domain.member.Plan;
import org.carrel.domain.member.Plan.Move;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.node.NodeName;
import org.carrel.port.OtherNode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One run of membership: from the engine's start to its end. Ticks four times a second, once as a member, and when
/// the list of members has changed, on the thread of `Membership`: gathers what is known, asks `Coordination`, and
/// does as it says.
final class Attendance {
    private static final Logger log = LoggerFactory.getLogger(Attendance.class);
    private static final Duration TICK = Duration.ofMillis(250);
    private static final Duration TICK_OF_MEMBER = Duration.ofSeconds(1);
    /// what only changes by degrees, such as the load
    private static final long SAY_EVERY = TimeUnit.SECONDS.toNanos(2);
    /// what came or went
    private static final long SAY_NEWS_EVERY = TimeUnit.SECONDS.toNanos(1);
    private static final long WRITE_EVERY = TimeUnit.SECONDS.toNanos(5);
    /// a join that hasn't led to a welcome by then is tried again
    private static final long JOIN_AGAIN = TimeUnit.SECONDS.toNanos(6);

    private final Membership.Parts parts;
    private final Engine engine;
    private final PhiRegistry registry;
    private final CandidateBook book;
    private final Remembered memory;
    private final Sources sources;
    private final InetAddress address;
    private final long floor;
    private final Candidate door;
    private final Neighbours neighbours;
    private final SelfSaid selfSaid = new SelfSaid();
    private final Set<NodeId> listenedTo = new HashSet<>();
    private final Set<Candidate> ownDoors = ConcurrentHashMap.newKeySet();
    private volatile String island = "";
    private volatile boolean member;
    private long since = System.nanoTime();
    private long joinedAt = System.nanoTime() - JOIN_AGAIN;
    private long saidAt = System.nanoTime() - SAY_EVERY;
    private long saidVersion;
    private long writtenAt = System.nanoTime();
    private long beat;
    private Map<String, String> said = Map.of();
    private String waitedFor = "";
    private boolean over;

    Attendance(
            Membership.Parts parts,
            Engine engine,
            PhiRegistry registry,
            CandidateBook book,
            Remembered memory,
            Sources sources,
            InetAddress address,
            long run) {
        this.parts = parts;
        this.engine = engine;
        this.registry = registry;
        this.book = book;
        this.memory = memory;
        this.sources = sources;
        this.address = address;
        this.floor = run << 32;
        neighbours = new Neighbours(parts.self().id(), parts.self().name(), registry, parts.time());
        door = new Candidate(address.getHostAddress(), parts.self().doorPort());
        ownDoors.add(door);
    }

    boolean isMember() {
        return member;
    }

    String island() {
        return island;
    }

    Duration untilNext() {
        return member ? TICK_OF_MEMBER : TICK;
    }

    /// One tick. @return whether there is to be another
    boolean goesOn() throws IOException {
        if (engine.isOver()) {
            log.info("membership ended by the others island={}", island);
            return false;
        }
        sources.look();
        List<Seen> members = engine.members();
        if (engine.isMember() != member) turn();
        Knowledge known = known(members);
        act(Coordination.decide(known), known.self());
        if (member) attend(members);
        return !over;
    }

    private void turn() {
        member = !member;
        since = System.nanoTime();
        waitedFor = "";
        if (member)
            log.info("member island={} members={}", island, engine.members().size());
    }

    private Knowledge known(List<Seen> members) {
        Map<String, Heard> heard = book.heard();
        Set<Candidate> inside = new HashSet<>(ownDoors);
        // one that is silent here may have been let go by the others, or have let us go: asked, it tells
        Set<String> selves =
                members.stream().filter(Seen::reachable).map(Seen::self).collect(Collectors.toSet());
        for (Heard one : heard.values())
            if (selves.contains(one.claim().self())) inside.add(one.claim().door());
        return new Knowledge(
                claim(members),
                Duration.ofNanos(System.nanoTime() - since),
                sources.isEchoAwaited(),
                book.quiet(),
                memory.island(),
                book.candidates(inside),
                heard);
    }

    Claim claim() {
        return claim(engine.members());
    }

    private Claim claim(List<Seen> members) {
        List<Seen> some = members.stream().limit(Island.MEMBERS_MOST).toList();
        Optional<Island> own = member && !some.isEmpty() && !island.isEmpty()
                ? Optional.of(new Island(
                        island,
                        Math.max(1, (int) some.stream().filter(Seen::reachable).count()),
                        some.getFirst().self(),
                        some.stream().map(Seen::self).collect(Collectors.toSet())))
                : Optional.empty();
        return new Claim(
                parts.self().id(),
                parts.self().name(),
                parts.settings().name(),
                engine.address(),
                engine.run(),
                door,
                own);
    }

    private void act(Plan plan, Claim own) {
        for (Candidate candidate : plan.ask()) ask(candidate, own);
        boolean mayJoin = !member && System.nanoTime() - joinedAt >= JOIN_AGAIN;
        switch (plan.move()) {
            case Move.Stay() -> {}
            case Move.Wait(var why) -> {
                if (!why.equals(waitedFor)) log.info("looking for others, waiting for {}", why);
                waitedFor = why;
            }
            case Move.Join(var where, var theirs) -> {
                if (mayJoin) join(where, theirs.id());
            }
            case Move.Found() -> {
                if (mayJoin) join(engine.address(), UUID.randomUUID().toString());
            }
            case Move.Merge(var where, var theirs) -> merge(where, theirs);
        }
    }

    private void join(String where, String id) {
        joinedAt = System.nanoTime();
        island = id;
        log.info("joining address={} island={}", where, id);
        engine.join(where);
    }

    /// Ends this run; the next finds the other island remembered.
    private void merge(String where, Island theirs) {
        log.info(
                "islands merge: this one restarts its membership island={} into={} at={} reachable={}",
                island,
                theirs.id(),
                where,
                theirs.reachable());
        remember(Optional.of(theirs.id()), memory.doors());
        over = true;
    }

    private void ask(Candidate candidate, Claim own) {
        book.asking(candidate);
        Thread.ofVirtual().name("probe " + candidate).start(() -> {
            Optional<Claim> answer = Optional.empty();
            try {
                Claim claim = parts.probes().ask(candidate, own);
                if (claim.node().equals(own.node())) ownDoors.add(candidate);
                else answer = Optional.of(claim);
            } catch (IOException | RuntimeException silent) {
                log.debug("no answer door={} cause={}", candidate, silent.toString());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                book.answered(candidate, answer);
            }
        });
    }

    private void attend(List<Seen> members) throws IOException {
        Set<NodeId> ids = members.stream().map(Seen::id).collect(Collectors.toSet());
        if (listenedTo.addAll(ids)) engine.listenTo(ids);
        Map<NodeName, OtherNode> others = neighbours.fold(members, engine.said());
        long now = System.nanoTime();
        long version = parts.own().current().version();
        boolean isTime = now - saidAt >= (version == saidVersion ? SAY_EVERY : SAY_NEWS_EVERY);
        if (isTime || isNews(others)) parts.views().others(others);
        if (isTime) {
            saidAt = now;
            saidVersion = version;
            say(others);
            takeOffTheList(members);
            if (parts.settings().address().isEmpty() && !OwnAddress.isOurs(address)) {
                log.info("this node's address has changed before={}", address.getHostAddress());
                over = true;
            }
        }
        agree();
        if (now - writtenAt >= WRITE_EVERY) {
            writtenAt = now;
            remember(Optional.of(island), doors(others));
        }
    }

    private boolean isNews(Map<NodeName, OtherNode> others) {
        Map<NodeName, OtherNode> shown = parts.views().current().others();
        if (!shown.keySet().equals(others.keySet())) return true;
        return others.entrySet().stream().anyMatch(entry -> {
            OtherNode before = shown.get(entry.getKey());
            return before == null || before.state() != entry.getValue().state();
        });
    }

    private void say(Map<NodeName, OtherNode> others) {
        Map<NodeId, Double> watches = new HashMap<>();
        for (OtherNode other : others.values())
            other.phi().ifPresent(phi -> watches.put(other.id(), Math.round(phi.value() * 100) / 100.0));
        Membership.Offer offer = parts.offer().get();
        Map<String, String> entries = selfSaid.entries(
                parts.own().current(),
                new SelfSaid.More(door, offer.labels(), offer.apps(), offer.roles(), offer.homes()),
                watches,
                ++beat);
        if (!entries.equals(said)) engine.say(entries, floor);
        said = entries;
    }

    /// A node that came back under another address is here twice: the run that is silent is over.
    private void takeOffTheList(List<Seen> members) {
        for (Seen silent : members) {
            if (silent.reachable()) continue;
            boolean isBack = members.stream()
                    .anyMatch(it -> it.id().equals(silent.id())
                            && it.reachable()
                            && !it.address().equals(silent.address()));
            if (isBack) engine.forget(silent.address());
        }
    }

    /// Two members of one island that call it differently take the first name in the alphabet.
    private void agree() {
        String self = engine.address() + "#" + engine.run();
        for (Heard heard : book.heard().values())
            heard.claim().island().ifPresent(theirs -> {
                boolean fresh = heard.age().compareTo(Duration.ofSeconds(5)) <= 0;
                if (fresh && theirs.members().contains(self) && theirs.id().compareTo(island) < 0) island = theirs.id();
            });
    }

    private List<Candidate> doors(Map<NodeName, OtherNode> others) {
        List<Candidate> doors = new ArrayList<>();
        for (OtherNode other : others.values()) other.hint().ifPresent(hint -> doors.add(hint.door()));
        return doors;
    }

    private void remember(Optional<String> id, List<Candidate> doors) {
        try {
            memory.put(id, doors);
        } catch (IOException full) {
            log.warn("can't write down who is a member cause={}", full.toString());
        }
    }

    void forget(String where) {
        engine.forget(where);
    }
}
