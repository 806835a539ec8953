package org.carrel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.domain.app.Audience;
import org.carrel.domain.idle.IdleRule;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionState.Ended;
import org.carrel.domain.session.SessionState.Ready;
import org.carrel.http.RequestId;
import org.carrel.kind.KindDriver;
import org.carrel.launch.process.Directories;
import org.carrel.launch.process.ProcessLauncher;
import org.carrel.port.Begun;
import org.carrel.port.Catalogue;
import org.carrel.support.Await;

/// An agent with its real launcher and kinds, and a catalogue that asks the kinds what stands in an app's way, as the
/// program's own does.
final class RealBench implements AutoCloseable {
    static final String SERVE = """
            use Socket; unlink $ARGV[0]; socket(S,AF_UNIX,SOCK_STREAM,0); bind(S,sockaddr_un($ARGV[0])) or die $!;
            listen(S,9); $|=1; print "serving\\n";
            while(accept(C,S)){ sysread(C,$b,4096); print C "HTTP/1.0 200 OK\\r\\n\\r\\nhi"; close C; }""";

    final Path run;
    final ProcessLauncher launcher;
    private final Path state;
    private final Map<AppId, Catalogue.Entry> apps = new LinkedHashMap<>();
    private final Map<KindId, KindDriver> kinds = new LinkedHashMap<>();
    private int clicks;
    long diskReserve = 1 << 20;
    long logBytes = 1 << 16;

    /// @param state where records, logs and files of sessions are
    RealBench(Path state) throws IOException {
        this.state = state;
        this.run = Files.createTempDirectory(Path.of("/tmp"), "cr");
        this.launcher = ProcessLauncher.ofOneUid(Directories.below(state, run));
    }

    RealBench app(String id, KindDriver kind, Optional<Path> directory, Duration startTimeout, String... command) {
        App app = new App(
                new AppId(id),
                kind.id(),
                id,
                "",
                directory.map(Path::toString),
                List.of(command),
                Map.of(),
                new Resources(100, 64L << 20),
                Audience.EVERYBODY,
                IdleRule.DEFAULT,
                startTimeout);
        apps.put(app.id(), new Catalogue.Entry(app, kind.obstacle(app)));
        kinds.put(kind.id(), kind);
        return this;
    }

    /// It was all right when the catalogue looked.
    RealBench noObstacle(String id) {
        apps.computeIfPresent(new AppId(id), (_, entry) -> new Catalogue.Entry(entry.app(), Optional.empty()));
        return this;
    }

    Agent open() throws IOException {
        AgentSettings settings = new AgentSettings(
                new NodeName("n1"),
                "test",
                state.resolve("agent"),
                run,
                new Capacity(new Resources(4000, 4L << 30), 10, 2),
                Duration.ofSeconds(60),
                Duration.ofMinutes(10),
                Duration.ofMillis(200),
                diskReserve,
                logBytes,
                2,
                launcher.isolation(),
                Map.of());
        return Agent.open(
                settings,
                () -> List.copyOf(apps.values()),
                List.of(launcher),
                List.copyOf(kinds.values()),
                SteadyTime.from(InstantSource.system()));
    }

    Begun begin(Agent agent, String owner, String app) throws InterruptedException {
        return agent.begin(AgentBench.key(owner, app), new RequestId("click" + clicks++));
    }

    Session granted(Agent agent, String owner, String app) throws InterruptedException {
        Begun begun = begin(agent, owner, app);
        if (begun instanceof Begun.Granted(var session)) return session;
        throw new AssertionError("not granted: " + begun);
    }

    /// Where its rotated logs are.
    Path copies(SessionId id) {
        return state.resolve("agent/journal").resolve(id.value());
    }

    static Endpoint endpoint(Session session) {
        return ((Ready) session.state()).workload().endpoint();
    }

    /// How its start failed; by then nothing of it may be left but its log.
    End.Failed failure(Agent agent, String owner, String app) throws Exception {
        SessionId id = granted(agent, owner, app).id();
        End end = ((Ended) AgentBench.await(agent, id, "ended").state()).end();
        Await.until(
                "its processes' end",
                () -> launcher.scan().stream().noneMatch(found -> found.id().equals(id)));
        Await.until("no socket is left", () -> !Files.exists(run.resolve(id.value())));
        assertThat(agent.current().nodes().getFirst().committed()).isEqualTo(Resources.NONE);
        return (End.Failed) end;
    }

    @Override
    public void close() throws IOException {
        for (var found : launcher.scan()) launcher.clean(found.id(), found.handle());
        launcher.close();
        try (var left = Files.walk(run)) {
            for (Path path : left.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(path);
        }
    }
}
