package org.carrel.front;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.carrel.agent.Agent;
import org.carrel.agent.AgentSettings;
import org.carrel.agent.SteadyTime;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.domain.app.Audience;
import org.carrel.domain.app.FrontRules;
import org.carrel.domain.app.Service;
import org.carrel.domain.idle.IdleRule;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionState.Ready;
import org.carrel.door.Gates;
import org.carrel.kind.RserveDriver;
import org.carrel.launch.process.Directories;
import org.carrel.launch.process.ProcessLauncher;
import org.carrel.port.Catalogue;
import org.carrel.support.Await;

/// A node with real Rserves behind a front, and nothing else.
final class RserveBench implements AutoCloseable {
    static final AppId ENGINE = new AppId("engine");

    final Agent agent;
    final Fronts fronts;
    private final Path run;
    private final ProcessLauncher launcher;
    private volatile App app;

    /// @param perNode Rserves
    RserveBench(Path state, int perNode, FrontRules rules) throws Exception {
        run = Files.createTempDirectory(Path.of("/tmp"), "cr");
        launcher = ProcessLauncher.ofOneUid(Directories.below(state, run));
        RserveDriver kind = new RserveDriver();
        app = app(kind, perNode, rules);
        Catalogue catalogue = () -> List.of(new Catalogue.Entry(app, kind.obstacle(app)));
        AgentSettings settings = AgentSettings.of(
                new NodeName("n1"),
                "test",
                state.resolve("agent"),
                run,
                new Capacity(new Resources(4000, 8L << 30), 10, 2),
                launcher.isolation());
        agent = Agent.open(
                settings, catalogue, List.of(launcher), List.of(kind), SteadyTime.from(InstantSource.system()));
        fronts = new Fronts(catalogue, _ -> true, agent, agent, new Gates(), Optional.empty(), (id, counts) -> {});
        fronts.open();
        Await.until("all Rserves are ready", () -> ready().size() == perNode);
    }

    private static App app(RserveDriver kind, int perNode, FrontRules rules) {
        return new App(
                        ENGINE,
                        kind.id(),
                        "Engine",
                        "",
                        Optional.empty(),
                        List.of(),
                        Map.of(),
                        new Resources(100, 2L << 30),
                        Audience.EVERYBODY,
                        IdleRule.NEVER,
                        Duration.ofSeconds(60))
                .as(new Service(List.of(), false, List.of(), false, perNode, Optional.of(rules)));
    }

    static FrontRules rules() throws IOException {
        return new FrontRules(
                freePort(),
                List.of(),
                FrontRules.DEFAULT_CONNECTIONS,
                FrontRules.DEFAULT_WAITING,
                FrontRules.DEFAULT_PATIENCE,
                FrontRules.DEFAULT_IDLE,
                FrontRules.DEFAULT_MAX_LIFE);
    }

    private static int freePort() throws IOException {
        try (ServerSocket trial = new ServerSocket(0)) {
            return trial.getLocalPort();
        }
    }

    InetSocketAddress address() {
        return fronts.address(ENGINE).orElseThrow();
    }

    FrontCounts counts() {
        return fronts.counts(ENGINE);
    }

    List<Session> ready() {
        return agent.current().sessions().values().stream()
                .filter(session -> session.state() instanceof Ready)
                .toList();
    }

    @Override
    public void close() throws IOException {
        fronts.close();
        agent.close();
        for (var found : launcher.scan()) launcher.clean(found.id(), found.handle());
        launcher.close();
        try (var left = Files.walk(run)) {
            for (Path path : left.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(path);
        }
    }
}
