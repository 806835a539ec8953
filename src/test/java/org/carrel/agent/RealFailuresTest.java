package org.carrel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.carrel.domain.app.App;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.kind.KindDriver;
import org.carrel.kind.ShinyDriver;
import org.carrel.kind.WebDriver;
import org.carrel.kind.WithoutPrograms;
import org.carrel.port.Begun;
import org.carrel.support.Await;
import org.carrel.support.Needs;
import org.carrel.support.Needs.Thing;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What can go wrong with an app or its machine, with everything real: each gives the cause and the last lines of the
/// log, and leaves nothing behind.
@Needs(Thing.PERL)
class RealFailuresTest {
    private static final Duration PATIENT = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofSeconds(2);

    private Path root;
    private RealBench bench;

    @BeforeEach
    void set(@TempDir Path directory) throws IOException {
        root = directory;
        bench = new RealBench(root.resolve("state"));
    }

    @AfterEach
    void away() throws IOException {
        bench.close();
    }

    private Path shinyApp(String source) throws IOException {
        Path app = Files.createDirectory(root.resolve("app"));
        Files.writeString(app.resolve("app.R"), source);
        return app;
    }

    @Test
    void without_R_a_start_is_refused_with_how_to_get_it() throws Exception {
        bench.app("desk", WithoutPrograms.shiny(), Optional.of(shinyApp("stop()")), PATIENT);
        try (Agent agent = bench.open()) {
            assertThat(bench.begin(agent, "ada", "desk"))
                    .isEqualTo(new Begun.Impossible(
                            "R is not installed: apt-get install r-base-core r-cran-shiny, or your system's R"));
            assertThat(bench.run).isEmptyDirectory();
        }
    }

    @Test
    @Needs({Thing.PERL, Thing.R})
    void an_app_that_crashes_at_its_start_shows_what_R_said() throws Exception {
        bench.app("desk", new ShinyDriver(), Optional.of(shinyApp("stop('the data are not there')")), PATIENT);
        try (Agent agent = bench.open()) {
            End.Failed end = bench.failure(agent, "ada", "desk");
            assertThat(end.cause()).isEqualTo("the program ended with status 1 before it answered");
            assertThat(end.lastLines()).anyMatch(line -> line.contains("the data are not there"));
        }
    }

    @Test
    void an_app_that_never_answers_is_stopped_in_time_and_shows_what_it_did_instead() throws Exception {
        bench.app(
                "mute",
                new WebDriver(),
                Optional.empty(),
                SHORT,
                "sh",
                "-c",
                "echo reading all the data; sleep 60; : {socket}");
        try (Agent agent = bench.open()) {
            End.Failed end = bench.failure(agent, "ada", "mute");
            assertThat(end.cause()).isEqualTo("not ready in 2 s: nothing listened");
            assertThat(end.lastLines()).containsExactly("reading all the data");
        }
    }

    @Test
    void nobody_on_the_port_of_an_app_is_no_stranger() throws Exception {
        bench.app("deaf", new WebDriver(), Optional.empty(), SHORT, "sh", "-c", "sleep 60; : {port}");
        try (Agent agent = bench.open()) {
            assertThat(bench.failure(agent, "ada", "deaf").cause()).isEqualTo("not ready in 2 s: nothing listened");
        }
    }

    @Test
    void an_app_that_finds_its_port_taken_shows_it() throws Exception {
        String bind = "use Socket; socket(S,AF_INET,SOCK_STREAM,0);"
                + " bind(S,sockaddr_in($ARGV[0],INADDR_LOOPBACK)) or die \"bind: $!\"";
        try (PortThief thief = new PortThief()) {
            bench.app("dies", thief, Optional.empty(), PATIENT, "perl", "-e", bind, "{port}");
            try (Agent agent = bench.open()) {
                End.Failed end = bench.failure(agent, "ada", "dies");
                assertThat(end.cause()).startsWith("the program ended with status ");
                assertThat(end.lastLines()).anyMatch(line -> line.contains("Address already in use"));
            }
        }
    }

    @Test
    void a_stranger_on_the_port_of_an_app_gets_nobody() throws Exception {
        try (PortThief thief = new PortThief()) {
            bench.app("waits", thief, Optional.empty(), SHORT, "sh", "-c", "echo no port yet; sleep 60; : {port}");
            try (Agent agent = bench.open()) {
                End.Failed end = bench.failure(agent, "ada", "waits");
                assertThat(end.cause()).contains("the port ", " is held by another program");
                assertThat(end.lastLines()).containsExactly("no port yet");
            }
        }
    }

    @Test
    void a_wrong_directory_is_named_before_a_start_and_when_it_went_away_since() throws Exception {
        Path empty = Files.createDirectory(root.resolve("empty"));
        bench.app("desk", new ShinyDriver(), Optional.of(empty), PATIENT);
        bench.app("lost", new WebDriver(), Optional.of(root.resolve("lost")), PATIENT, "true", "{socket}");
        try (Agent agent = bench.open()) {
            assertThat(bench.begin(agent, "ada", "desk"))
                    .isEqualTo(new Begun.Impossible(
                            "wrong directory: " + empty + " holds neither app.R nor ui.R and server.R"));
            bench.noObstacle("lost");
            assertThat(bench.failure(agent, "ada", "lost").cause()).contains(root.resolve("lost") + "");
        }
    }

    @Test
    void an_app_that_floods_its_log_keeps_running_and_its_log_stays_bounded() throws Exception {
        bench.app(
                "flood",
                new WebDriver(),
                Optional.empty(),
                PATIENT,
                "sh",
                "-c",
                "(while :; do head -c 30000 /dev/zero | tr '\\0' x; echo; echo last words; sleep 0.01; done) &"
                        + " exec perl -e '" + RealBench.SERVE + "' {socket}");
        try (Agent agent = bench.open()) {
            Session session = bench.granted(agent, "ada", "flood");
            AgentBench.await(agent, session.id(), "ready");
            Path copies = bench.copies(session.id());
            Await.until("two rotations", () -> Files.exists(copies.resolve("log.2")));
            assertThat(Files.size(copies.resolve("log.1"))).isLessThanOrEqualTo(bench.logBytes);
            assertThat(Files.size(copies.resolve("log.2"))).isLessThanOrEqualTo(bench.logBytes);
            assertThat(copies.resolve("log.3")).doesNotExist();
            Await.until(
                    "its log is read by its owner across a rotation",
                    () -> agent.log(session.id(), 10_000).contains("last words"));
            assertThat(agent.current()
                            .session(session.id())
                            .orElseThrow()
                            .state()
                            .word())
                    .isEqualTo("ready");
        }
    }

    @Test
    @Needs({Thing.PERL, Thing.ROOT})
    void a_full_disk_refuses_new_sessions_keeps_the_old_and_needs_nobody_to_recover() throws Exception {
        try (SmallDisk disk = new SmallDisk(root.resolve("disk"));
                RealBench small = new RealBench(disk.at().resolve("state"))) {
            small.app("serve", new WebDriver(), Optional.empty(), PATIENT, "perl", "-e", RealBench.SERVE, "{socket}");
            try (Agent agent = small.open()) {
                SessionId old = small.granted(agent, "ada", "serve").id();
                Session running = AgentBench.await(agent, old, "ready");

                disk.fill();
                assertThat(small.begin(agent, "ben", "serve"))
                        .isEqualTo(
                                new Begun.Impossible("the disk of n1 is full: 0 MiB are left and 1 MiB are kept free;"
                                        + " make room below " + disk.at().resolve("state/agent")));
                assertThat(small.begin(agent, "ada", "serve")).isInstanceOf(Begun.Existing.class);
                assertThat(Prober.ask("GET", RealBench.endpoint(running), "/", List.of()))
                        .isEqualTo(200);

                disk.free();
                SessionId next = small.granted(agent, "ben", "serve").id();
                AgentBench.await(agent, next, "ready");
                assertThat(small.launcher.scan()).extracting("id").containsExactlyInAnyOrder(old, next);
            }
        }
    }

    @Test
    @Needs({Thing.PERL, Thing.ROOT})
    void a_disk_that_fills_while_a_session_starts_leaves_nothing_of_it() throws Exception {
        try (SmallDisk disk = new SmallDisk(root.resolve("disk"));
                RealBench small = new RealBench(disk.at().resolve("state"))) {
            small.diskReserve = 0;
            small.app("serve", new WebDriver(), Optional.empty(), PATIENT, "perl", "-e", RealBench.SERVE, "{socket}");
            try (Agent agent = small.open()) {
                disk.fill();
                assertThat(small.failure(agent, "ada", "serve").cause())
                        .startsWith("the disk of n1 can't be written: ")
                        .endsWith("tell its administrator");
                assertThat(small.run).isEmptyDirectory();
                assertThat(small.begin(agent, "ada", "serve")).isInstanceOf(Begun.Impossible.class);

                disk.free();
                AgentBench.await(agent, small.granted(agent, "ada", "serve").id(), "ready");
            }
        }
    }

    /// Listens on every port an app is to get, before the app can.
    private static final class PortThief implements KindDriver, AutoCloseable {
        private final WebDriver web = new WebDriver();
        private Optional<ServerSocket> taken = Optional.empty();

        @Override
        public Plan plan(App app, Site site) {
            try {
                int port = ((Endpoint.Tcp) site.endpoint()).port();
                taken = Optional.of(new ServerSocket(port, 5, InetAddress.getLoopbackAddress()));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return web.plan(app, site);
        }

        @Override
        public KindId id() {
            return web.id();
        }

        @Override
        public ProxyRules rules() {
            return web.rules();
        }

        @Override
        public Listening listening(App app) {
            return web.listening(app);
        }

        @Override
        public Optional<String> obstacle(App app) {
            return web.obstacle(app);
        }

        @Override
        public boolean isWorking(Served served) {
            return false;
        }

        @Override
        public List<StopStep> stopSteps(Served served) {
            return web.stopSteps(served);
        }

        @Override
        public void close() throws IOException {
            if (taken.isPresent()) taken.get().close();
        }
    }
}
