package org.carrel.launch.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.domain.app.Audience;
import org.carrel.domain.idle.IdleRule;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.Handle;
import org.carrel.domain.session.SessionId;
import org.carrel.kind.KindDriver;
import org.carrel.kind.WebDriver;
import org.carrel.launch.LaunchSpec;
import org.carrel.launch.Launcher.Life;
import org.carrel.launch.Launcher.Signal;
import org.carrel.launch.process.Box.Owner;
import org.carrel.support.Await;
import org.carrel.support.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What ben's session can do to ada's: nothing. Through the real starter in its own JVM; ada's is a Shiny app or a
/// small
/// server, ben's is a shell. Every attempt is also made by ada herself or by the gateway, where it must succeed: else
/// the
/// test would prove nothing.
@Needs({Needs.Thing.ROOT, Needs.Thing.PERL})
class TwoUsersTest {
    /// any uid that is neither root nor a session's: stands for the unprivileged part of Carrel
    private static final int GATEWAY = 69_999;

    private static final String SERVE = """
            use Socket; unlink $ARGV[0]; socket(S,AF_UNIX,SOCK_STREAM,0); bind(S,sockaddr_un($ARGV[0])) or die $!; listen(S,9);
            open(F,">","$ENV{TMPDIR}/work"); print F "secret work"; close F; $|=1; print "serving\\n";
            while(accept(C,S)){ sysread(C,$b,4096); print "asked\\n"; print C "HTTP/1.0 200 OK\\r\\n\\r\\nada's page"; close C; }""";

    @TempDir
    Path temporary;

    private Directories directories;
    private StarterProcess starter;
    private ProcessLauncher launcher;
    private final SessionId id = LauncherContract.newId();
    private Handle ada;

    @BeforeEach
    void start() throws Exception {
        Box.mode(temporary, 0711);
        directories = Directories.below(temporary.resolve("state"), temporary.resolve("run"));
        starter = StarterProcess.begin();
        starter.tell(directories, temporary.resolve("state/uids"), GATEWAY, GATEWAY);
        // this test is root and not the gateway, so it works with hands of its own on the same directories
        starter.close();
        launcher = ProcessLauncher.of(
                directories,
                LocalHands.ofRoot(
                        directories,
                        new Owner(GATEWAY, GATEWAY),
                        new Uids(temporary.resolve("state/uids")),
                        Cgroups.none()));
        ada = launcher.launch(new LaunchSpec(
                id,
                LauncherContract.ADA,
                List.of("perl", "-e", SERVE, socket()),
                Map.of("MOOD", "private"),
                "",
                new Endpoint.Unix(socket()),
                Map.of("token", "hidden token"),
                Resources.NONE));
        Await.until("ada's page", () -> Files.readString(launcher.log(id)).contains("serving"));
    }

    @AfterEach
    void leaveNothing() throws Exception {
        if (ada != null) launcher.clean(id, ada);
        launcher.close();
        starter.close();
    }

    private String socket() {
        return directories.socketDirectory(id) + "/s";
    }

    private String pid() {
        return Long.toString(Identity.of(ada).pid());
    }

    private int adasUid() {
        return Identity.of(ada).uid();
    }

    private int bensUid() throws Exception {
        int uid = new Uids(temporary.resolve("state/uids")).of(LauncherContract.BEN);
        assertThat(uid).isNotEqualTo(adasUid());
        return uid;
    }

    private void onlyAdaMay(String script) throws Exception {
        assertThat(StarterLauncherTest.as(adasUid(), script + " && echo MAY"))
                .as("ada: %s", script)
                .contains("MAY");
        assertThat(StarterLauncherTest.as(bensUid(), script + " && echo MAY"))
                .as("ben: %s", script)
                .doesNotContain("MAY");
    }

    @Test
    void the_socket_is_reached_by_the_gateway_and_not_by_ben() throws Exception {
        String ask = "curl -sS --max-time 5 --unix-socket " + socket() + " http://x/";
        assertThat(StarterLauncherTest.as(GATEWAY, ask)).contains("ada's page");
        onlyAdaMay(ask);
    }

    @Test
    void ben_reads_neither_environment_nor_memory_nor_descriptors() throws Exception {
        onlyAdaMay("cat /proc/" + pid() + "/environ >/dev/null");
        onlyAdaMay("ls /proc/" + pid() + "/fd");
        onlyAdaMay("head -c 1 /proc/" + pid() + "/maps >/dev/null");
    }

    @Test
    void ben_reads_neither_log_nor_temporary_files_nor_secrets() throws Exception {
        Path box = launcher.directory(id);
        onlyAdaMay("cat " + box + "/tmp/work");
        onlyAdaMay("cat " + box + "/token");
        onlyAdaMay("ls " + directories.homes() + "/ada");
        assertThat(StarterLauncherTest.as(bensUid(), "cat " + launcher.log(id))).contains("Permission denied");
        assertThat(StarterLauncherTest.as(GATEWAY, "cat " + launcher.log(id))).contains("serving");
        assertThat(StarterLauncherTest.as(bensUid(), "ls " + directories.boxes() + " " + directories.run()))
                .contains("Permission denied")
                .doesNotContain(id.value());
    }

    @Test
    void the_gateway_alone_empties_a_log_and_the_session_writes_on_in_it() throws Exception {
        Path log = launcher.log(id);
        for (int uid : List.of(adasUid(), bensUid()))
            assertThat(StarterLauncherTest.as(uid, ": > " + log)).contains("Permission denied");
        assertThat(StarterLauncherTest.as(GATEWAY, ": > " + log + " && echo emptied"))
                .isEqualTo("emptied\n");
        assertThat(log).isEmptyFile();
        assertThat(StarterLauncherTest.as(GATEWAY, "curl -sS --max-time 5 --unix-socket " + socket() + " http://x/"))
                .contains("ada's page");
        Await.until("new lines", () -> Files.readString(log).equals("asked\n"));
    }

    @Test
    void ben_can_neither_signal_nor_put_anything_in_the_way() throws Exception {
        onlyAdaMay("kill -0 " + pid());
        onlyAdaMay("touch " + directories.socketDirectory(id) + "/x");
        assertThat(StarterLauncherTest.as(bensUid(), "touch " + directories.boxes() + "/x " + directories.run() + "/x"))
                .contains("Permission denied");
        assertThat(launcher.look(ada)).isEqualTo(new Life.Alive());
    }

    @Test
    void nobody_gets_more_rights_in_a_session() throws Exception {
        assertThat(StarterLauncherTest.as(
                        adasUid(), "grep -E '^(NoNewPrivs|CapBnd|CapEff|Groups)' /proc/" + pid() + "/status"))
                .contains("NoNewPrivs:\t1", "CapBnd:\t0000000000000000", "CapEff:\t0000000000000000", "Groups:\t \n");
    }

    @Test
    void a_users_uid_is_the_same_ever_after() throws Exception {
        int uid = new Uids(temporary.resolve("state/uids")).of(LauncherContract.ADA);
        assertThat(uid).isEqualTo(adasUid());
        assertThat(Uids.isOurs(uid)).isTrue();
    }

    @Test
    void the_starter_serves_the_gateway_in_a_process_of_its_own() throws Exception {
        starter = StarterProcess.begin();
        starter.tell(directories, temporary.resolve("state/uids"), 0, 0);
        try (ProcessLauncher remote = starter.launcher(directories)) {
            assertThat(remote.scan()).extracting("handle").containsExactly(ada);
            assertThat(remote.usage(ada).processes()).isEqualTo(2);
            starter.close();
            assertThat(remote.look(ada)).isEqualTo(new Life.Alive());
        }
    }

    @Test
    void a_port_in_a_network_of_its_own_is_reached_by_nobody_else() throws Exception {
        String serve = """
                use Socket; socket(S,AF_INET,SOCK_STREAM,0); bind(S,sockaddr_in(8000,INADDR_LOOPBACK)) or die $!; listen(S,9);
                $|=1; print "port open\\n"; while(accept(C,S)){ sysread(C,$b,4096); print C "HTTP/1.0 200 OK\\r\\n\\r\\nhi"; close C }""";
        SessionId other = LauncherContract.newId();
        String path = directories.socketDirectory(other) + "/s";
        App app = new App(
                new AppId("ported"),
                WebDriver.ID,
                "Ported",
                "",
                Optional.empty(),
                List.of("perl", "-e", serve, "{port}"),
                Map.of(),
                Resources.NONE,
                Audience.EVERYBODY,
                IdleRule.DEFAULT,
                App.DEFAULT_START_TIMEOUT);
        var plan = new WebDriver(true)
                .plan(
                        app,
                        new KindDriver.Site(
                                other, "", new Endpoint.Unix(path), "/s/" + other, new KindDriver.Secret("x")));
        Handle handle = launcher.launch(new LaunchSpec(
                other,
                LauncherContract.ADA,
                plan.argv(),
                plan.environment(),
                "",
                new Endpoint.Unix(path),
                Map.of(),
                Resources.NONE));
        try {
            Await.until("the port", () -> Files.readString(launcher.log(other)).contains("port open"));
            Await.until("the relay", () -> Files.exists(Path.of(path)));
            assertThat(StarterLauncherTest.as(GATEWAY, "curl -sS --max-time 5 --unix-socket " + path + " http://x/"))
                    .contains("hi");
            assertThat(StarterLauncherTest.as(adasUid(), "curl -sS --max-time 5 http://127.0.0.1:8000/"))
                    .doesNotContain("hi");
            launcher.signal(handle, Signal.TERM);
            Await.until("its end", () -> !(launcher.look(handle) instanceof Life.Alive));
            assertThat(launcher.look(handle)).isEqualTo(new Life.Exited(143));
        } finally {
            launcher.clean(other, handle);
        }
    }
}
