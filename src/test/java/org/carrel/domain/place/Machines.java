package org.carrel.domain.place;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.app.AppId;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.NodeLoad;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.UserId;

/// Members as tests need them.
final class Machines {
    static final long GIB = 1L << 30;
    static final Instant NOW = Instant.parse("2026-11-22T08:00:00Z");
    static final Instant LONG_AGO = NOW.minus(Duration.ofHours(1));
    static final AppId DESK = new AppId("desk");
    static final Resources DEMAND = new Resources(500, GIB);

    private Machines() {}

    static Member member(String name, int gib) {
        return new Member(
                new NodeName(name),
                Member.Reach.UP,
                LONG_AGO,
                false,
                Set.of(DESK),
                Map.of(),
                load(gib, 0),
                Optional.of(Set.of()));
    }

    /// runs no sessions
    static Member gateway(String name) {
        NodeLoad none = new NodeLoad(new Capacity(Resources.NONE, 0, 1), Resources.NONE, 0, 0, 0);
        return new Member(
                new NodeName(name), Member.Reach.UP, LONG_AGO, false, Set.of(), Map.of(), none, Optional.of(Set.of()));
    }

    /// listed, and nothing was heard of it yet
    static Member unheard(String name) {
        NodeLoad none = new NodeLoad(new Capacity(Resources.NONE, 0, 1), Resources.NONE, 0, 0, 0);
        return new Member(
                new NodeName(name), Member.Reach.UP, LONG_AGO, false, Set.of(), Map.of(), none, Optional.empty());
    }

    static NodeLoad load(int gib, int live) {
        return new NodeLoad(
                new Capacity(new Resources(64_000, gib * GIB), 1000, 2),
                new Resources(500 * live, live * GIB),
                live,
                0,
                0);
    }

    static Member reach(Member of, Member.Reach reach) {
        return new Member(of.name(), reach, of.since(), of.draining(), of.apps(), of.labels(), of.load(), of.keys());
    }

    static Member since(Member of, Instant since) {
        return new Member(of.name(), of.reach(), since, of.draining(), of.apps(), of.labels(), of.load(), of.keys());
    }

    static Member draining(Member of) {
        return new Member(of.name(), of.reach(), of.since(), true, of.apps(), of.labels(), of.load(), of.keys());
    }

    static Member apps(Member of, Set<AppId> apps) {
        return new Member(of.name(), of.reach(), of.since(), of.draining(), apps, of.labels(), of.load(), of.keys());
    }

    static Member labels(Member of, Map<String, String> labels) {
        return new Member(of.name(), of.reach(), of.since(), of.draining(), of.apps(), labels, of.load(), of.keys());
    }

    static Member holding(Member of, SessionKey key) {
        return new Member(
                of.name(),
                of.reach(),
                of.since(),
                of.draining(),
                of.apps(),
                of.labels(),
                of.load(),
                Optional.of(Set.of(key)));
    }

    static Roster roster(Member... members) {
        return new Roster(List.of(members));
    }

    static SessionKey key(String user) {
        return new SessionKey(new UserId(user), DESK, SessionKey.DEFAULT_NAME);
    }

    static NodeName name(String name) {
        return new NodeName(name);
    }
}
