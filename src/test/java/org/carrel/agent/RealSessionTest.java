package org.carrel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.domain.app.Audience;
import org.carrel.domain.idle.IdleRule;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionState.Ready;
import org.carrel.http.RequestId;
import org.carrel.kind.ShinyDriver;
import org.carrel.launch.process.Directories;
import org.carrel.launch.process.ProcessLauncher;
import org.carrel.port.Begun;
import org.carrel.port.Catalogue;
import org.carrel.support.Needs;
import org.carrel.support.Needs.Thing;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The agent with the parts it really has: a process launcher, R, Shiny.
@Needs(Thing.R)
class RealSessionTest {
    private static final AppId APP = new AppId("desk");

    private Path root;
    private Path run;
    private ProcessLauncher launcher;

    @BeforeEach
    void set(@TempDir Path directory) throws IOException {
        root = directory;
        run = Files.createTempDirectory(Path.of("/tmp"), "cr");
        launcher = ProcessLauncher.ofOneUid(Directories.below(root.resolve("state"), run));
    }

    @AfterEach
    void away() throws IOException {
        launcher.close();
        try (var left = Files.walk(run)) {
            for (Path path : left.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(path);
        }
    }

    @Test
    void a_real_shiny_session_outlives_its_agent_and_leaves_nothing_when_stopped() throws Exception {
        Path app = Files.createDirectory(root.resolve("app"));
        Files.writeString(
                app.resolve("app.R"), "library(shiny); shinyApp(fluidPage('hi'), function(input, output) {})");
        SessionId id;
        OptionalLong pid;
        try (Agent agent = open(app)) {
            Begun begun = agent.begin(AgentBench.key("ada", "desk"), new RequestId("click"));
            id = ((Begun.Granted) begun).session().id();
            AgentBench.await(agent, id, "ready");
            pid = pidOf(agent, id);
        }
        try (Agent agent = open(app)) {
            Session adopted = agent.current().session(id).orElseThrow();
            assertThat(adopted.state().word()).isEqualTo("ready");
            assertThat(pidOf(agent, id)).isEqualTo(pid);
            assertThat(agent.stopAll(new End.Stopped("ada"), Duration.ofSeconds(20)))
                    .isZero();
            assertThat(ProcessHandle.of(pid.orElseThrow())).isEmpty();
            AgentTest.awaitTrue(() -> !Files.exists(run.resolve(id.value())));
        }
    }

    private static OptionalLong pidOf(Agent agent, SessionId id) throws InterruptedException {
        Session session = AgentBench.await(
                        agent,
                        view -> view.session(id)
                                .filter(it -> it.state() instanceof Ready)
                                .isPresent())
                .session(id)
                .orElseThrow();
        return ((Ready) session.state()).workload().pid();
    }

    private Agent open(Path app) throws IOException {
        Catalogue.Entry entry = new Catalogue.Entry(
                new App(
                        APP,
                        ShinyDriver.ID,
                        "Desk",
                        "",
                        Optional.of(app.toString()),
                        List.of(),
                        Map.of(),
                        new Resources(100, 256L << 20),
                        Audience.EVERYBODY,
                        IdleRule.DEFAULT,
                        Duration.ofSeconds(60)),
                Optional.empty());
        AgentSettings settings = AgentSettings.of(
                new NodeName("n1"),
                "test",
                root.resolve("state"),
                run,
                new Capacity(new Resources(4000, 4L << 30), 10, 2),
                launcher.isolation());
        return Agent.open(
                settings,
                () -> List.of(entry),
                List.of(launcher),
                List.of(new ShinyDriver()),
                SteadyTime.from(InstantSource.system()));
    }
}
