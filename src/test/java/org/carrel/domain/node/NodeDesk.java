package org.carrel.domain.node;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.domain.app.Audience;
import org.carrel.domain.idle.IdleRule;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.Handle;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.session.Workload;
import org.carrel.domain.user.UserId;

/// A node and its time in the hand of a test.
final class NodeDesk {
    static final long GIB = 1L << 30;
    static final long EPOCH = 1;
    static final End FAILED = new End.Failed("it failed", List.of());

    NodeState state;
    Instant now = Instant.parse("2026-11-22T08:00:00Z");
    final List<NodeEffect> effects = new ArrayList<>();
    Resources demand = new Resources(1000, GIB);
    private int requests;

    NodeDesk(int gib, int sessions, int starts) {
        state = NodeState.empty(rules(gib, sessions, starts), EPOCH);
    }

    static NodeRules rules(int gib, int sessions, int starts) {
        return new NodeRules(
                new NodeName("n1"),
                new Capacity(new Resources(8000, gib * GIB), sessions, starts),
                Duration.ofSeconds(60),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                Duration.ofMinutes(10),
                5,
                Duration.ofSeconds(30));
    }

    NodeAnswer on(NodeEvent event) {
        NodeState.Step step = state.on(event, now);
        state = step.next();
        effects.addAll(step.effects());
        return step.answer();
    }

    NodeAnswer begin(String user, String app) {
        return begin(user, app, "r" + requests);
    }

    NodeAnswer begin(String user, String app, String once) {
        return on(new NodeEvent.Begin(key(user, app), app(app, demand), id(requests++), once));
    }

    static App app(String id, Resources demand) {
        return new App(
                new AppId(id),
                new KindId("shiny"),
                id,
                "",
                Optional.empty(),
                List.of(),
                Map.of(),
                demand,
                Audience.EVERYBODY,
                IdleRule.DEFAULT,
                Duration.ofSeconds(60));
    }

    SessionId granted(String user, String app) {
        if (begin(user, app) instanceof NodeAnswer.Granted(var session)) return session.id();
        throw new AssertionError("not granted");
    }

    SessionId ready(String user, String app) {
        SessionId id = granted(user, app);
        launched(id);
        on(new NodeEvent.Answered(id));
        return id;
    }

    NodeAnswer launched(SessionId id) {
        return on(new NodeEvent.Launched(id, workload(id)));
    }

    NodeAnswer stop(SessionId id) {
        return on(new NodeEvent.Stop(id, new End.Stopped("ada")));
    }

    void pass(Duration time) {
        now = now.plus(time);
        on(new NodeEvent.Tick());
    }

    Session session(SessionId id) {
        return state.session(id).orElseThrow();
    }

    String word(SessionId id) {
        return session(id).state().word();
    }

    List<NodeEffect> takeEffects() {
        List<NodeEffect> taken = List.copyOf(effects);
        effects.clear();
        return taken;
    }

    static SessionKey key(String user, String app) {
        return new SessionKey(new UserId(user), new AppId(app), SessionKey.DEFAULT_NAME);
    }

    static SessionId id(int number) {
        byte[] bytes = new byte[10];
        for (int i = 0; i < 4; i++) bytes[9 - i] = (byte) (number >> 8 * i);
        return SessionId.of(bytes);
    }

    static Workload workload(SessionId id) {
        return new Workload(
                new Handle("test", 1, Map.of("id", id.value())),
                new Endpoint.Unix("/run/" + id + "/s"),
                OptionalLong.empty());
    }
}
