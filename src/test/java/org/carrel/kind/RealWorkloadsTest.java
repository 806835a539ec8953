package org.carrel.kind;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.carrel.domain.app.App;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.Handle;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.UserId;
import org.carrel.kind.KindDriver.Plan;
import org.carrel.kind.KindDriver.Probe;
import org.carrel.kind.KindDriver.Site;
import org.carrel.launch.LaunchSpec;
import org.carrel.launch.Launcher.Life;
import org.carrel.launch.Launcher.Signal;
import org.carrel.launch.process.Directories;
import org.carrel.launch.process.ProcessLauncher;
import org.carrel.support.Await;
import org.carrel.support.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The real programs, started by the real launcher.
class RealWorkloadsTest {
    @TempDir
    Path temporary;

    private Directories directories;
    private ProcessLauncher launcher;
    private final SessionId id = newId();
    private Optional<Handle> launched = Optional.empty();

    @BeforeEach
    void open() throws Exception {
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
        directories = Directories.below(temporary.resolve("state"), temporary.resolve("r"));
        launcher = ProcessLauncher.ofOneUid(directories);
    }

    @AfterEach
    void leaveNothing() throws Exception {
        if (launched.isPresent()) launcher.clean(id, launched.get());
        launcher.close();
    }

    private static SessionId newId() {
        byte[] random = new byte[10];
        new SecureRandom().nextBytes(random);
        return SessionId.of(random);
    }

    private Endpoint endpoint() {
        return new Endpoint.Unix(temporary.resolve("r") + "/" + id + "/s");
    }

    private Plan start(KindDriver driver, App app) throws Exception {
        Site site = new Site(id, launcher.directory(id).toString(), endpoint(), "/s/" + id, KindContract.SECRET);
        Plan plan = driver.plan(app, site);
        launched = Optional.of(launcher.launch(new LaunchSpec(
                id,
                new UserId("ada"),
                plan.argv(),
                plan.environment(),
                plan.directory(),
                endpoint(),
                plan.files(),
                app.demand())));
        Await.until("a true answer; log: " + launcher.log(id), Duration.ofSeconds(60), () -> {
            if (!(launcher.look(launched.get()) instanceof Life.Alive))
                throw new AssertionError("it ended: " + Files.readString(launcher.log(id)));
            return answers(plan.probe());
        });
        return plan;
    }

    private boolean answers(Probe probe) {
        return switch (probe) {
            case Probe.Get(var path, var from, var to) -> status(path) == from;
            case Probe.Greeting(var begins, var bytes) -> {
                try (Qap qap = Qap.connect(endpoint())) {
                    yield qap.greeting().startsWith(begins) && qap.greeting().length() == bytes;
                } catch (IOException notYet) {
                    yield false;
                }
            }
        };
    }

    private int status(String path) {
        try {
            return SocketHttp.get(endpoint(), path, "X-A: b", Duration.ofSeconds(5))
                    .status();
        } catch (IOException e) {
            return 0;
        }
    }

    private App shiny(String source) throws IOException {
        Path directory = Files.createDirectory(temporary.resolve("an app's dir"));
        Files.writeString(directory.resolve("app.R"), source);
        return KindContract.app(new ShinyDriver(), Optional.of(directory.toString()), List.of());
    }

    @Test
    @Needs(Needs.Thing.R)
    void shiny_answers_on_its_socket_outlives_its_launcher_and_ends_politely() throws Exception {
        start(new ShinyDriver(), shiny("library(shiny); shinyApp(fluidPage('hi there'), function(input, output) {})"));
        Handle handle = launched.orElseThrow();

        launcher.close();
        launcher = ProcessLauncher.ofOneUid(directories);
        assertThat(launcher.scan()).extracting("handle").containsExactly(handle);
        assertThat(SocketHttp.get(endpoint(), "/", "X-A: b", Duration.ofSeconds(5))
                        .body())
                .contains("hi there");

        assertThat(launcher.usage(handle).pssBytes()).isBetween(20L << 20, 400L << 20);
        launcher.signal(handle, Signal.INT);
        Await.until("its end", () -> !(launcher.look(handle) instanceof Life.Alive));
        assertThat(launcher.look(handle)).isEqualTo(new Life.Exited(1));
        assertThat(launcher.directory(id).resolve("tmp"))
                .as("R's own directory is gone")
                .isEmptyDirectory();
        launcher.clean(id, handle);
        assertThat(temporary.resolve("r")).isEmptyDirectory();
    }

    @Test
    @Needs(Needs.Thing.R)
    void an_app_that_crashes_at_its_start_leaves_status_and_reason() throws Exception {
        App app = shiny("stop('the data are not there')");
        Plan plan = new ShinyDriver().plan(app, new Site(id, "/x", endpoint(), "/s/" + id, KindContract.SECRET));
        Handle handle = launcher.launch(new LaunchSpec(
                id,
                new UserId("ada"),
                plan.argv(),
                plan.environment(),
                plan.directory(),
                endpoint(),
                plan.files(),
                app.demand()));
        launched = Optional.of(handle);
        Await.until("its end", () -> !(launcher.look(handle) instanceof Life.Alive));
        assertThat(launcher.look(handle)).isEqualTo(new Life.Exited(1));
        assertThat(Files.readString(launcher.log(id))).contains("the data are not there");
    }

    @Test
    @Needs(Needs.Thing.RSERVE)
    void rserve_evaluates_opens_no_port_and_ends_with_its_children() throws Exception {
        RserveDriver driver = new RserveDriver();
        Path directory = Files.createDirectory(temporary.resolve("engine"));
        Files.writeString(directory.resolve(RserveDriver.BEFORE), "answer <- 42");
        start(driver, KindContract.app(driver, Optional.of(directory.toString()), List.of()));
        Handle handle = launched.orElseThrow();
        try (Qap one = Qap.connect(endpoint());
                Qap other = Qap.connect(endpoint())) {
            assertThat(one.number("answer + 1")).isEqualTo(43);
            assertThat(one.number("answer <- 7")).isEqualTo(7);
            assertThat(other.number("answer")).as("in another connection").isEqualTo(42);
            assertThat(listeningInodes()).doesNotContainAnyElementsOf(socketsOf(handle));
            assertThat(launcher.usage(handle).processes()).isGreaterThanOrEqualTo(3);
            launcher.signal(handle, Signal.TERM);
            Await.until("its end", () -> launcher.usage(handle).processes() == 0);
        }
    }

    @Test
    @Needs(Needs.Thing.JUPYTER)
    void jupyter_answers_on_its_socket_and_its_kernels_open_no_port() throws Exception {
        JupyterDriver driver = new JupyterDriver();
        start(driver, KindContract.app(driver, Optional.empty(), List.of()));
        Handle handle = launched.orElseThrow();
        assertThat(status("/s/" + id + "/api/kernels")).as("without the token").isEqualTo(403);
        assertThat(driver.isWorking(new KindDriver.Served(endpoint(), KindContract.SECRET, Optional.empty())))
                .isFalse();

        assertThat(post("/s/" + id + "/api/kernels", "{\"name\":\"ir\"}")).startsWith("HTTP/1.1 201");
        Await.until("the kernel", () -> launcher.usage(handle).processes() >= 3);
        assertThat(listeningInodes()).doesNotContainAnyElementsOf(socketsOf(handle));

        assertThat(post("/s/" + id + "/api/shutdown", "")).startsWith("HTTP/1.1 200");
        Await.until("its end", () -> !(launcher.look(handle) instanceof Life.Alive));
        assertThat(launcher.look(handle)).isEqualTo(new Life.Exited(0));
        assertThat(launcher.usage(handle).processes()).isZero();
    }

    @Test
    @Needs(Needs.Thing.JUPYTER)
    void a_jupyter_that_is_killed_leaves_no_kernel() throws Exception {
        JupyterDriver driver = new JupyterDriver();
        start(driver, KindContract.app(driver, Optional.empty(), List.of()));
        Handle handle = launched.orElseThrow();
        post("/s/" + id + "/api/kernels", "{\"name\":\"ir\"}");
        Await.until("the kernel", () -> launcher.usage(handle).processes() >= 3);
        launcher.signal(handle, Signal.KILL);
        assertThat(launcher.usage(handle).processes()).isZero();
        assertThat(launcher.look(handle)).isEqualTo(new Life.Exited(137));
    }

    private String post(String path, String body) throws Exception {
        Process curl = new ProcessBuilder(
                        "curl",
                        "-si",
                        "--max-time",
                        "20",
                        "--unix-socket",
                        ((Endpoint.Unix) endpoint()).path(),
                        "-XPOST",
                        "-H",
                        "Authorization: token " + KindContract.SECRET.value(),
                        "-d",
                        body,
                        "http://localhost" + path)
                .start();
        return new String(curl.getInputStream().readAllBytes());
    }

    private static List<String> listeningInodes() throws IOException {
        return Files.readAllLines(Path.of("/proc/net/tcp")).stream()
                .map(line -> line.strip().split("\\s+"))
                .filter(fields -> fields[3].equals("0A"))
                .map(fields -> "socket:[" + fields[9] + "]")
                .toList();
    }

    private List<String> socketsOf(Handle handle) throws Exception {
        Process find = new ProcessBuilder(
                        "sh",
                        "-c",
                        "for p in $(grep -lz \"CARREL_SESSION=$1\" /proc/[0-9]*/environ | cut -d/ -f3); do"
                                + " ls -l /proc/$p/fd; done | grep -o 'socket:.*'",
                        "sh",
                        id.value())
                .start();
        List<String> sockets =
                new String(find.getInputStream().readAllBytes()).lines().toList();
        assertThat(sockets).as("of the session %s", handle).isNotEmpty();
        return sockets;
    }
}
