package org.carrel.launch.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.Handle;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.UserId;
import org.carrel.launch.LaunchException;
import org.carrel.launch.LaunchSpec;
import org.carrel.launch.Launcher;
import org.carrel.launch.Launcher.Life;
import org.carrel.launch.Launcher.Signal;
import org.carrel.port.HomeFiles;
import org.carrel.support.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What every launcher of processes promises. Real processes, real signals.
abstract class LauncherContract {
    static final UserId ADA = new UserId("ada");
    static final UserId BEN = new UserId("ben");

    @TempDir
    Path temporary;

    Directories directories;
    Launcher launcher;
    final Map<SessionId, Handle> launched = new HashMap<>();

    /// A launcher on these directories; several may follow each other on the same ones.
    abstract Launcher open(Directories directories) throws Exception;

    @BeforeEach
    void openIt() throws Exception {
        // others than the tests' own user must be able to pass
        Box.mode(temporary, 0711);
        directories = Directories.below(temporary.resolve("state"), temporary.resolve("run"));
        launcher = open(directories);
    }

    @AfterEach
    void leaveNothing() throws Exception {
        for (var entry : launched.entrySet()) launcher.clean(entry.getKey(), entry.getValue());
        launcher.close();
        closeMore();
    }

    void closeMore() throws Exception {}

    static SessionId newId() {
        byte[] random = new byte[10];
        new SecureRandom().nextBytes(random);
        return SessionId.of(random);
    }

    LaunchSpec spec(UserId user, String... argv) {
        SessionId id = newId();
        return new LaunchSpec(
                id,
                user,
                List.of(argv),
                Map.of("GREETING", "good day"),
                "",
                new Endpoint.Unix(directories.socketDirectory(id) + "/s"),
                Map.of("note", "for its user only"),
                Resources.NONE);
    }

    LaunchSpec shell(String script) {
        return spec(ADA, "/bin/sh", "-c", script);
    }

    Handle launch(LaunchSpec spec) throws Exception {
        Handle handle = launcher.launch(spec);
        launched.put(spec.id(), handle);
        return handle;
    }

    String log(LaunchSpec spec) throws Exception {
        return Files.readString(launcher.log(spec.id()));
    }

    void awaitLog(LaunchSpec spec, String text) throws Exception {
        Await.until("\"" + text + "\" in the log", () -> log(spec).contains(text));
    }

    Life awaitEnd(Handle handle) throws Exception {
        Await.until("its end", () -> !(launcher.look(handle) instanceof Life.Alive));
        return launcher.look(handle);
    }

    @Test
    void a_launched_program_is_alive_and_leads_its_own_session() throws Exception {
        Handle handle = launch(shell("sleep 60"));
        assertThat(launcher.look(handle)).isEqualTo(new Life.Alive());
        ProcStat leader = Proc.stat(Identity.of(handle).pid()).orElseThrow();
        assertThat(leader.session()).isEqualTo(leader.pid());
        assertThat(leader.group()).isEqualTo(leader.pid());
    }

    @Test
    void a_home_is_taken_up_and_put_down_with_the_rights_of_its_user() throws Exception {
        HomeFiles homes = launcher.homes().orElseThrow();
        LaunchSpec spec = shell("umask 077; mkdir ~/d; echo dear > ~/d/note; chmod 4500 ~/d/note; echo done");
        awaitEnd(launch(spec));
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        homes.pack(ADA, packed);
        homes.setAside(ADA);
        assertThat(directories.homes().resolve("ada")).doesNotExist();
        homes.unpack(ADA, new ByteArrayInputStream(packed.toByteArray()));
        LaunchSpec read = shell("cat ~/d/note; stat -c %a ~/d/note; rm -rf ~/d && echo mine");
        launch(read);
        awaitLog(read, "dear\n4500\nmine");
    }

    @Test
    void a_home_that_does_not_come_whole_changes_nothing() throws Exception {
        HomeFiles homes = launcher.homes().orElseThrow();
        awaitEnd(launch(shell("head -c 900000 /dev/urandom > ~/big")));
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        homes.pack(ADA, packed);
        byte[] half = Arrays.copyOf(packed.toByteArray(), packed.size() / 2);
        for (InputStream broken : List.of(
                new ByteArrayInputStream(half),
                new ByteArrayInputStream("this is no archive".repeat(1000).getBytes(StandardCharsets.UTF_8)),
                new SequenceInputStream(new ByteArrayInputStream(half), failing())))
            assertThatThrownBy(() -> homes.unpack(ADA, broken)).isInstanceOf(IOException.class);
        LaunchSpec look = shell("wc -c < ~/big; ls -A ~/.. | tr '\\n' ' '");
        launch(look);
        awaitLog(look, "900000");
        // behind the starter, a line that broke is noticed a moment later
        Await.until("nothing but the home", () -> {
            try (var left = Files.list(directories.homes())) {
                return left.toList().equals(List.of(directories.homes().resolve("ada")));
            }
        });
        ByteArrayOutputStream none = new ByteArrayOutputStream();
        homes.pack(BEN, none);
        assertThat(none.size()).isZero();
        homes.unpack(BEN, new ByteArrayInputStream(new byte[0]));
        assertThat(directories.homes().resolve("ben")).isDirectory();
    }

    private static InputStream failing() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the line broke");
            }
        };
    }

    @Test
    void its_exit_code_is_recorded() throws Exception {
        assertThat(awaitEnd(launch(shell("exit 3")))).isEqualTo(new Life.Exited(3));
        assertThat(awaitEnd(launch(shell("exit 0")))).isEqualTo(new Life.Exited(0));
    }

    @Test
    void an_end_by_a_signal_is_recorded_as_128_and_the_signal() throws Exception {
        for (var expected :
                Map.of(Signal.INT, 130, Signal.TERM, 143, Signal.KILL, 137).entrySet()) {
            // its word, not its process: one that a shell has forked and not yet become loses a signal
            LaunchSpec spec = shell("echo here; exec sleep 60");
            Handle handle = launch(spec);
            awaitLog(spec, "here");
            launcher.signal(handle, expected.getKey());
            assertThat(awaitEnd(handle)).as("%s", expected.getKey()).isEqualTo(new Life.Exited(expected.getValue()));
        }
    }

    @Test
    void a_handle_finds_its_workload_after_the_launcher_was_closed_and_opened_again() throws Exception {
        LaunchSpec spec = shell("echo here; exec sleep 60");
        Handle handle = launch(spec);
        awaitLog(spec, "here");
        launcher.close();
        launcher = open(directories);
        assertThat(launcher.look(handle)).isEqualTo(new Life.Alive());
        launcher.signal(handle, Signal.TERM);
        assertThat(awaitEnd(handle)).isEqualTo(new Life.Exited(143));
    }

    @Test
    void a_scan_finds_what_runs_and_only_that() throws Exception {
        LaunchSpec runs = shell("sleep 60");
        Handle handle = launch(runs);
        LaunchSpec ended = shell("exit 0");
        awaitEnd(launch(ended));
        assertThat(launcher.scan()).containsExactly(new Launcher.Found(runs.id(), handle));
    }

    @Test
    void another_process_under_the_same_pid_is_neither_alive_nor_signalled() throws Exception {
        Handle handle = launch(shell("sleep 60"));
        Map<String, String> fields = new HashMap<>(handle.fields());
        fields.put("start", Long.toString(Long.parseLong(fields.get("start")) - 1));
        Handle reused = new Handle(handle.launcher(), handle.version(), fields);
        // the marker would betray it as a member, so it gets another id too
        SessionId stranger = newId();
        fields.put("session", stranger.value());
        Handle strange = new Handle(handle.launcher(), handle.version(), fields);

        assertThat(launcher.look(reused)).isEqualTo(new Life.Vanished());
        launcher.signal(strange, Signal.KILL);
        assertThat(launcher.look(handle)).isEqualTo(new Life.Alive());
    }

    @Test
    void a_handle_of_before_the_machine_was_restarted_is_dead() throws Exception {
        Handle handle = launch(shell("sleep 60"));
        Map<String, String> fields = new HashMap<>(handle.fields());
        fields.put("boot", "00000000-0000-0000-0000-000000000000");
        Handle old = new Handle(handle.launcher(), handle.version(), fields);
        assertThat(launcher.look(old)).isEqualTo(new Life.Vanished());
        launcher.signal(old, Signal.KILL);
        assertThat(launcher.look(handle)).isEqualTo(new Life.Alive());
    }

    @Test
    void a_workload_that_was_killed_with_its_shim_has_vanished() throws Exception {
        Handle handle = launch(shell("sleep 60"));
        Identity leader = Identity.of(handle);
        Native.signal(leader.pid(), 9, () -> true);
        assertThat(awaitEnd(handle)).isEqualTo(new Life.Vanished());
    }

    @Test
    void cleaning_ends_processes_that_left_their_group() throws Exception {
        LaunchSpec spec = shell("setsid sleep 61 & echo stray $!; exec sleep 62");
        Handle handle = launch(spec);
        awaitLog(spec, "stray");
        long stray = Long.parseLong(log(spec).strip().split(" ")[1]);
        Await.until(
                "the stray to leave",
                () -> Proc.stat(stray).map(s -> s.session() == stray).orElse(false));
        launcher.clean(spec.id(), handle);
        assertThat(Proc.stat(stray).filter(stat -> !stat.isDead())).isEmpty();
        assertThat(awaitEnd(handle)).isEqualTo(new Life.Exited(137));
    }

    @Test
    void strays_are_found_by_their_marker_when_the_leader_is_gone() throws Exception {
        LaunchSpec spec = shell("setsid sleep 61 & echo stray $!; exec sleep 62");
        Handle handle = launch(spec);
        awaitLog(spec, "stray");
        long stray = Long.parseLong(log(spec).strip().split(" ")[1]);
        Native.signal(Identity.of(handle).pid(), 9, () -> true);
        awaitEnd(handle);
        launcher.clean(spec.id(), handle);
        assertThat(Proc.stat(stray).filter(stat -> !stat.isDead())).isEmpty();
    }

    @Test
    void the_environment_is_built_from_nothing() throws Exception {
        LaunchSpec spec = shell("env | sort; exit 0");
        awaitEnd(launch(spec));
        List<String> names = log(spec).lines().map(line -> line.split("=")[0]).toList();
        assertThat(names)
                .contains("CARREL_SESSION", "GREETING", "HOME", "USER", "LOGNAME", "LANG", "PATH", "TMPDIR")
                .doesNotContain("JAVA_HOME", "MAVEN_CMD_LINE_ARGS", "OLDPWD")
                .allMatch(name -> List.of(
                                "CARREL_SESSION",
                                "GREETING",
                                "HOME",
                                "USER",
                                "LOGNAME",
                                "LANG",
                                "PATH",
                                "TMPDIR",
                                "SHELL",
                                "TZ",
                                "PWD")
                        .contains(name));
    }

    @Test
    void no_descriptor_leaks_into_the_program() throws Exception {
        LaunchSpec spec = shell("ls -l /proc/self/fd; exit 0");
        awaitEnd(launch(spec));
        // 3 is the directory ls itself reads
        assertThat(log(spec).lines().filter(line -> line.contains("->")).toList())
                .hasSize(4);
        assertThat(log(spec)).contains("0 -> /dev/null").doesNotContain("/exit");
    }

    @Test
    void both_outputs_go_to_the_log() throws Exception {
        LaunchSpec spec = shell("echo out; echo err >&2; exit 0");
        awaitEnd(launch(spec));
        assertThat(log(spec)).isEqualTo("out\nerr\n");
    }

    @Test
    void its_files_can_be_read_by_the_program_alone() throws Exception {
        LaunchSpec spec = shell("cat ../note; stat -c %a ../note; exit 0");
        awaitEnd(launch(spec));
        assertThat(log(spec)).isEqualTo("for its user only" + "400\n");
    }

    @Test
    void a_flood_of_output_hinders_nobody() throws Exception {
        LaunchSpec spec = shell("exec head -c 30000000 /dev/zero");
        assertThat(awaitEnd(launch(spec))).isEqualTo(new Life.Exited(0));
        assertThat(Files.size(launcher.log(spec.id()))).isEqualTo(30_000_000);
    }

    @Test
    void the_log_may_be_cut_while_it_is_written() throws Exception {
        LaunchSpec spec = shell("i=0; while [ $i -lt 200 ]; do echo line $i; i=$((i+1)); sleep 0.01; done");
        Handle handle = launch(spec);
        awaitLog(spec, "line 10");
        Files.write(launcher.log(spec.id()), new byte[0]);
        awaitEnd(handle);
        // appended: no hole of zero bytes where the old end was
        assertThat(log(spec)).doesNotContain("\0").doesNotContain("line 1\n").endsWith("line 199\n");
    }

    @Test
    void usage_counts_the_whole_tree_and_never_falls() throws Exception {
        Handle handle = launch(shell("i=0; while [ $i -lt 40 ]; do sh -c ':'; i=$((i+1)); done; sleep 60"));
        long before = 0;
        for (int i = 0; i < 20; i++) {
            long now = launcher.usage(handle).cpuNanos();
            assertThat(now).isGreaterThanOrEqualTo(before);
            before = now;
        }
        Handle burner = launch(shell("while :; do :; done"));
        Await.until("half a second of CPU", () -> launcher.usage(burner).cpuNanos() > 500_000_000L);
        assertThat(launcher.usage(burner).pssBytes()).isGreaterThan(100_000);
        assertThat(launcher.usage(burner).processes()).isEqualTo(2);
    }

    @Test
    void usage_knows_a_session_that_began_a_moment_ago_and_one_that_lost_its_leader() throws Exception {
        launcher.usage(launch(shell("sleep 60")));
        LaunchSpec young = shell("setsid sleep 60 & echo away; sleep 60");
        Handle handle = launch(young);
        assertThat(launcher.usage(handle).processes()).isPositive();
        awaitLog(young, "away");
        Await.until("all of it is counted", () -> launcher.usage(handle).processes() == 4);
        ProcessHandle.of(launcher.pid(handle).getAsLong()).orElseThrow().destroyForcibly();
        Await.until("what left is counted still", () -> launcher.usage(handle).processes() == 3);
        launcher.signal(handle, Signal.KILL);
        Await.until("nothing is left", () -> launcher.usage(handle).processes() == 0);
    }

    @Test
    void usage_of_a_session_that_ended_a_moment_ago_is_nothing() throws Exception {
        Handle handle = launch(shell("setsid sleep 60 & sleep 60"));
        Await.until("all of it is counted", () -> launcher.usage(handle).processes() == 4);
        launcher.signal(handle, Signal.KILL);
        assertThat(launcher.usage(handle).processes()).isZero();
    }

    @Test
    void a_directory_that_is_not_there_is_said_so() {
        LaunchSpec spec = shell("exit 0");
        LaunchSpec lost = new LaunchSpec(
                spec.id(), ADA, spec.argv(), Map.of(), "/nowhere/at/all", spec.endpoint(), Map.of(), Resources.NONE);
        assertThatThrownBy(() -> launch(lost))
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining("/nowhere/at/all");
        assertThat(launcher.directory(spec.id())).doesNotExist();
        assertThat(directories.socketDirectory(spec.id())).doesNotExist();
    }

    @Test
    void a_program_that_is_not_there_is_said_so() {
        assertThatThrownBy(() -> launch(spec(ADA, "no-such-program")))
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining("there is no program no-such-program");
    }

    @Test
    void a_session_is_started_once_only() throws Exception {
        LaunchSpec spec = shell("sleep 60");
        launch(spec);
        assertThatThrownBy(() -> launcher.launch(spec))
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining("before");
    }

    @Test
    void a_socket_elsewhere_is_refused() {
        LaunchSpec spec = shell("exit 0");
        LaunchSpec strange = new LaunchSpec(
                spec.id(),
                ADA,
                spec.argv(),
                Map.of(),
                "",
                new Endpoint.Unix("/run/docker.sock"),
                Map.of(),
                Resources.NONE);
        assertThatThrownBy(() -> launch(strange)).isInstanceOf(LaunchException.class);
    }

    @Test
    void cleaning_keeps_the_log_and_forgetting_does_not() throws Exception {
        LaunchSpec spec = shell("echo word; mkdir -p $TMPDIR/a/b; chmod 0 $TMPDIR/a; exec sleep 60");
        Handle handle = launch(spec);
        awaitLog(spec, "word");
        launcher.clean(spec.id(), handle);
        assertThat(log(spec)).startsWith("word\n");
        assertThat(launcher.directory(spec.id()).resolve("note")).doesNotExist();
        assertThat(launcher.directory(spec.id()).resolve("tmp")).isEmptyDirectory();
        assertThat(directories.socketDirectory(spec.id())).doesNotExist();
        launcher.clean(spec.id(), handle);
        launcher.forget(spec.id());
        launcher.forget(spec.id());
        assertThat(launcher.directory(spec.id())).doesNotExist();
    }

    @Test
    void what_runs_is_not_forgotten() throws Exception {
        LaunchSpec spec = shell("sleep 60");
        launch(spec);
        assertThatThrownBy(() -> launcher.forget(spec.id())).hasMessageContaining("still runs");
    }

    @Test
    void a_session_survives_the_interrupt_of_its_launchers_group() throws Exception {
        Handle handle = launch(shell("sleep 60"));
        ProcStat own = Proc.stat(ProcessHandle.current().pid()).orElseThrow();
        ProcStat leader = Proc.stat(Identity.of(handle).pid()).orElseThrow();
        assertThat(leader.group()).isNotEqualTo(own.group());
        assertThat(leader.session()).isNotEqualTo(own.session());
    }

    @Test
    void a_session_is_the_kernels_first_choice_when_memory_ends_and_its_files_are_bounded() throws Exception {
        LaunchSpec spec = shell("cat /proc/self/oom_score_adj; ulimit -n; ulimit -c; echo up; exec sleep 60");
        launch(spec);
        awaitLog(spec, "up");
        long hard = Files.readAllLines(Path.of("/proc/self/limits")).stream()
                .filter(line -> line.startsWith("Max open files"))
                .map(line -> line.strip().split("\\s{2,}")[2])
                .mapToLong(most -> most.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(most))
                .findFirst()
                .orElseThrow();
        long files = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0 ? 8192 : Math.min(8192, hard);
        assertThat(log(spec).lines()).startsWith("500", Long.toString(files), "0");
    }

    @Test
    void settling_gives_back_full_priority() throws Exception {
        LaunchSpec spec = shell("echo up; exec sleep 60");
        Handle handle = launch(spec);
        awaitLog(spec, "up");
        launcher.settled(handle);
        String[] fields = Files.readString(
                        Path.of("/proc/" + Identity.of(handle).pid() + "/stat"))
                .split("\\) ")[1]
                .split(" ");
        assertThat(fields[16]).as("nice").isEqualTo("0");
    }

    static Optional<String> variable(Handle handle, String name) {
        return Proc.variable(Identity.of(handle).pid(), name);
    }
}
