package org.carrel.agent;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.carrel.domain.app.App;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.node.NodeEvent;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.Handle;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.Workload;
import org.carrel.http.Header;
import org.carrel.kind.KindDriver;
import org.carrel.kind.KindDriver.Proof;
import org.carrel.kind.KindDriver.Secret;
import org.carrel.launch.LaunchException;
import org.carrel.launch.Launcher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What errands work with. Everything in it may be used from any thread.
/// @param launchers by name; the first one starts new sessions
record Means(
        AgentSettings settings,
        InstantSource time,
        List<Launcher> launchers,
        Map<KindId, KindDriver> kinds,
        Journal journal,
        Disk disk,
        ConcurrentHashMap<SessionId, Desk> desks,
        Reports reports,
        Failpoint failpoint) {
    private static final Logger log = LoggerFactory.getLogger(Means.class);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int LAST_LINES = 20;

    /// Where an errand says what came of it.
    @FunctionalInterface
    interface Reports {
        void tell(NodeEvent event) throws InterruptedException;
    }

    /// Steps of a start at which a test lets the program die.
    @FunctionalInterface
    interface Failpoint {
        Failpoint NONE = step -> {};

        void at(String step);
    }

    Launcher launcher() {
        return launchers.getFirst();
    }

    /// for a new session of this app
    Launcher launcher(App app) throws LaunchException {
        if (app.attachment().isEmpty()) return launcher();
        return launchers.stream()
                .filter(Launcher::attaches)
                .findFirst()
                .orElseThrow(() -> new LaunchException("nothing here attaches to servers that run already"));
    }

    /// What is set on every request to it, just now.
    /// @throws IOException when its proof can't be made, with the next step
    List<Header> inject(SessionRecord record) throws IOException {
        KindDriver driver = kinds.get(record.kind());
        if (driver == null) return record.inject();
        return driver.proof(record.served(), time.instant()).map(Proof::inject).orElse(record.inject());
    }

    Optional<Launcher> launcher(Handle handle) {
        return launchers.stream()
                .filter(launcher -> launcher.name().equals(handle.launcher()))
                .findFirst();
    }

    /// As its session shows it, from the moment there is a handle.
    Workload workload(Handle handle, Endpoint endpoint) {
        OptionalLong pid =
                launcher(handle).map(launcher -> launcher.pid(handle)).orElseGet(OptionalLong::empty);
        return new Workload(handle, endpoint, pid);
    }

    Launcher.Life look(Handle handle) {
        return launcher(handle).map(launcher -> launcher.look(handle)).orElseGet(Launcher.Life.Vanished::new);
    }

    LogFile logOf(SessionId id) {
        Launcher launcher = Optional.ofNullable(desks.get(id))
                .flatMap(desk -> desk.record().handle())
                .flatMap(this::launcher)
                .orElse(launcher());
        return new LogFile(launcher.log(id), journal.directory(id), settings.logBytes(), settings.logCopies());
    }

    Path logPath(Handle handle, SessionId id) {
        return launcher(handle).orElse(launcher()).log(id);
    }

    /// The last lines of a session's log, for the answer to "why did it end?".
    List<String> lastLines(SessionId id) {
        try {
            return logOf(id).tail(LAST_LINES);
        } catch (IOException e) {
            log.warn("log unreadable session={} cause={}", id, e.toString());
            return List.of();
        }
    }

    /// A sentence on an end nobody asked for, before it was ready.
    End diedStarting(SessionId id, Launcher.Life life) {
        String how = switch (life) {
            case Launcher.Life.Exited(var status) -> "the program ended with status " + status;
            case Launcher.Life.Vanished() -> "the program vanished";
            case Launcher.Life.Alive(), Launcher.Life.Resting() -> "the program was stopped";
        };
        return new End.Failed(how + " before it answered", lastLines(id));
    }

    /// Makes a change of a session durable, or says in the log that it is not; the session goes on either way.
    void keep(SessionRecord record) {
        Optional.ofNullable(desks.get(record.id())).ifPresent(desk -> desk.record(record));
        try {
            journal.write(record);
            disk.works();
        } catch (ClosedByInterruptException e) {
            // the agent closes; the next one finds out by itself
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            disk.failed(e);
            log.warn("record not written session={} cause={}", record.id(), e.toString());
        }
    }

    Path socketDirectory(SessionId id) {
        return settings.runDirectory().resolve(id.value());
    }

    static Secret newSecret() {
        return new Secret(HexFormat.of().formatHex(random(16)));
    }

    static SessionId newId() {
        return SessionId.of(random(10));
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        RANDOM.nextBytes(bytes);
        return bytes;
    }
}
