package org.carrel.door;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.carrel.api.Json;
import org.carrel.domain.app.AppId;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.Handle;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.session.SessionState;
import org.carrel.domain.session.SessionState.Draining;
import org.carrel.domain.session.SessionState.Ended;
import org.carrel.domain.session.SessionState.Ready;
import org.carrel.domain.session.SessionState.Reserved;
import org.carrel.domain.session.SessionState.Starting;
import org.carrel.domain.session.Workload;
import org.carrel.domain.user.UserId;
import org.carrel.door.Words.EndWords;
import org.carrel.door.Words.Key;
import org.carrel.door.Words.PollWords;
import org.carrel.door.Words.Rules;
import org.carrel.door.Words.SessionWords;
import org.carrel.door.Words.WorkloadWords;
import org.jspecify.annotations.Nullable;

/// Values of the domain as the words of calls, and back. What comes from another node and makes no sense throws
/// `IllegalArgumentException`.
final class Wire {
    private Wire() {}

    static SessionWords words(Session session) {
        Instant until = switch (session.state()) {
            case Reserved(var expires, var ahead) -> expires;
            case Starting(var deadline, var workload) -> deadline;
            case Ready ready -> null;
            case Draining(var workload, var deadline, var because) -> deadline;
            case Ended(var end, var at) -> at;
        };
        WorkloadWords workload = switch (session.state()) {
            case Starting(var deadline, var some) -> some.map(Wire::words).orElse(null);
            case Ready(var some) -> words(some);
            case Draining(var some, var deadline, var because) -> words(some);
            case Reserved reserved -> null;
            case Ended ended -> null;
        };
        EndWords end = switch (session.state()) {
            case Draining(var some, var deadline, var because) -> words(because);
            case Ended(var because, var at) -> words(because);
            case Reserved reserved -> null;
            case Starting starting -> null;
            case Ready ready -> null;
        };
        return new SessionWords(
                session.id().value(),
                words(session.key()),
                session.kind().value(),
                session.demand().cpuMillis(),
                session.demand().memoryBytes(),
                session.node().value(),
                session.since(),
                session.state().word(),
                until,
                session.state() instanceof Reserved reserved ? reserved.ahead() : null,
                workload,
                end);
    }

    static Session session(SessionWords words) {
        return new Session(
                new SessionId(words.id()),
                key(words.key()),
                new KindId(words.kind()),
                new Resources(words.cpuMillis(), words.memoryBytes()),
                new NodeName(words.node()),
                words.since(),
                state(words));
    }

    private static SessionState state(SessionWords words) {
        return switch (words.state()) {
            case "reserved" ->
                new Reserved(
                        must(words.until(), "until"),
                        Optional.ofNullable(words.ahead()).orElse(0));
            case "starting" ->
                new Starting(
                        must(words.until(), "until"),
                        Optional.ofNullable(words.workload()).map(Wire::workload));
            case "ready" -> new Ready(workload(must(words.workload(), "workload")));
            case "draining" ->
                new Draining(
                        workload(must(words.workload(), "workload")),
                        must(words.until(), "until"),
                        end(must(words.end(), "end")));
            case "ended" -> new Ended(end(must(words.end(), "end")), must(words.until(), "until"));
            default -> throw new IllegalArgumentException("a session in a state that is not known here");
        };
    }

    static Key words(SessionKey key) {
        return new Key(key.owner().value(), key.app().value(), key.name());
    }

    static SessionKey key(Key key) {
        return new SessionKey(new UserId(key.owner()), new AppId(key.app()), key.name());
    }

    private static WorkloadWords words(Workload workload) {
        Handle handle = workload.handle();
        Endpoint endpoint = workload.endpoint();
        return new WorkloadWords(
                handle.launcher(),
                handle.version(),
                handle.fields(),
                endpoint instanceof Endpoint.Unix(String path) ? path : null,
                endpoint instanceof Endpoint.Tcp(int port) ? port : null,
                workload.pid().isPresent() ? workload.pid().getAsLong() : null);
    }

    private static Workload workload(WorkloadWords words) {
        String socket = words.socket();
        Endpoint endpoint = socket != null ? new Endpoint.Unix(socket) : new Endpoint.Tcp(must(words.port(), "port"));
        Long pid = words.pid();
        return new Workload(
                new Handle(words.launcher(), words.version(), words.fields()),
                endpoint,
                pid == null ? OptionalLong.empty() : OptionalLong.of(pid));
    }

    static EndWords words(End end) {
        return switch (end) {
            case End.Stopped(var by) -> new EndWords("stopped", by, null, null);
            case End.Idle(var why) -> new EndWords("idle", why, null, null);
            case End.Exited(var status, var lastLines) -> new EndWords("exited", "", status, lastLines);
            case End.Failed(var cause, var lastLines) -> new EndWords("failed", cause, null, lastLines);
            case End.Lost(var how) -> new EndWords("lost", how, null, null);
        };
    }

    static End end(EndWords words) {
        List<String> lines = Optional.ofNullable(words.lastLines()).orElse(List.of());
        return switch (words.kind()) {
            case "stopped" -> new End.Stopped(words.text());
            case "idle" -> new End.Idle(words.text());
            case "exited" -> new End.Exited(must(words.status(), "status"), lines);
            case "failed" -> new End.Failed(words.text(), lines);
            default -> new End.Lost(words.text());
        };
    }

    static Rules words(ProxyRules rules) {
        return new Rules(
                rules.prefix().name().toLowerCase(Locale.ROOT),
                rules.host().name().toLowerCase(Locale.ROOT),
                rules.marked().map(ProxyRules.Marked::query).orElse(null),
                rules.marked().map(it -> String.valueOf(it.letter())).orElse(null),
                rules.withheld().isEmpty() ? null : List.copyOf(rules.withheld()),
                rules.polls()
                        .map(polls -> new PollWords(List.copyOf(polls.paths()), polls.header(), polls.value()))
                        .orElse(null),
                rules.rootPath().orElse(null),
                rules.signOut().orElse(null));
    }

    static ProxyRules rules(Rules words) {
        String query = words.markedQuery();
        String letter = words.markedLetter();
        Optional<ProxyRules.Marked> marked = query == null || letter == null || letter.length() != 1
                ? Optional.empty()
                : Optional.of(new ProxyRules.Marked(query, letter.charAt(0)));
        return new ProxyRules(
                ProxyRules.Prefix.valueOf(words.prefix().toUpperCase(Locale.ROOT)),
                ProxyRules.Host.valueOf(words.host().toUpperCase(Locale.ROOT)),
                marked,
                Set.copyOf(Optional.ofNullable(words.withheld()).orElse(List.of())),
                Optional.ofNullable(words.polls())
                        .map(polls -> new ProxyRules.Polls(Set.copyOf(polls.paths()), polls.header(), polls.value())),
                Optional.ofNullable(words.rootPath()),
                Optional.ofNullable(words.signOut()));
    }

    /// @throws IllegalArgumentException when it isn't that
    static <T> T read(byte[] body, Class<T> type) {
        try {
            return Json.readAnswer(body, type);
        } catch (IOException senseless) {
            throw new IllegalArgumentException("not the words of this call", senseless);
        }
    }

    static <T> T must(@Nullable T value, String name) {
        if (value == null) throw new IllegalArgumentException(name + " is missing");
        return value;
    }
}
