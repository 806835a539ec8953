package org.carrel.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.carrel.support.Needs.Thing.NAMESPACES;
import static org.carrel.support.Needs.Thing.ROOT;
import static org.carrel.support.Needs.Thing.SYSTEMD;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.carrel.support.Await;
import org.carrel.support.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The unit under a real systemd, the first process of namespaces of its own. It sees no units but the test's; in the
/// place of Carrel there are a few lines of shell with one session.
@Needs({ROOT, NAMESPACES, SYSTEMD})
@Tag("slow")
class SystemdServiceTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private static final String PROGRAM = """
            #!/bin/sh
            here=$(dirname "$0")
            case $1 in
            up)
                [ -f "$here/session" ] || { setsid sleep 1000 & echo $! >"$here/session"; }
                echo $$ >"$here/current"
                trap 'exit 143' TERM
                trap 'exit 0' USR1
                while :; do sleep 0.1; done ;;
            upgrade)
                old=$(cat "$here/current")
                setsid "$0" up --take-over >/dev/null 2>&1 </dev/null &
                while [ "$(cat "$here/current")" = "$old" ]; do sleep 0.1; done
                echo "carrel: prepared; taking over"
                echo "carrel: $! took over from $old; $old finishes 0 requests"
                kill -USR1 "$old" ;;
            esac
            """;

    /// A group of its own in the second version's hierarchy, so that nothing of this machine is touched.
    private static final String GROUPS = "mount --make-rprivate / && mount -t tmpfs tmpfs /sys/fs/cgroup"
            + " && mount -t cgroup2 none /sys/fs/cgroup && ";

    private static final String OUTSIDE = GROUPS + """
            mkdir "/sys/fs/cgroup/$1" && echo $$ >"/sys/fs/cgroup/$1/cgroup.procs" && shift && exec unshare --cgroup \
                --pid --mount --uts --net --ipc --fork --kill-child=KILL "$@"
            """;

    /// $1: the directory of the test
    private static final String MACHINE = GROUPS + """
            mount -t tmpfs tmpfs /run && mkdir /run/systemd && mount -t proc proc /proc && hostname machine || exit
            export container=test SYSTEMD_PROC_CMDLINE=systemd.unified_cgroup_hierarchy=1
            export SYSTEMD_UNIT_PATH="$1/units" SYSTEMD_GENERATOR_PATH="$1/none"
            exec /usr/lib/systemd/systemd --unit=test.target --show-status=0 --default-standard-output=null
            """;

    private static final String AFTERWARDS = GROUPS + """
            cd "/sys/fs/cgroup/$1" && while [ -n "$(find . -name cgroup.procs -exec cat {} +)" ]; do sleep 0.1; done
            cd .. && find "$1" -depth -type d -exec rmdir {} +
            """;

    /// A session says that it is the service.
    private static final String LIE = """
            echo $$ >/sys/fs/cgroup/system.slice/carrel.service/cgroup.procs || exit 9
            NOTIFY_SOCKET=/run/systemd/notify systemd-notify MAINPID=$$
            """;

    private Path directory = Path.of("/");
    private Optional<Process> machine = Optional.empty();

    @BeforeEach
    void a_machine_starts() throws Exception {
        directory = Files.createTempDirectory(Path.of("/tmp"), "c");
        Path program = directory.resolve("carrel");
        Files.writeString(program, PROGRAM);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path units = Files.createDirectory(directory.resolve("units"));
        for (String target : List.of("sysinit", "basic", "shutdown", "network-online", "remote-fs", "nss-user-lookup"))
            Files.writeString(units.resolve(target + ".target"), "[Unit]\nDefaultDependencies=no\n");
        Files.writeString(units.resolve("system.slice"), "[Unit]\nDefaultDependencies=no\n");
        Files.writeString(units.resolve("test.target"), "[Unit]\nWants=carrel.service\n");
        Files.writeString(
                units.resolve("carrel.service"),
                new ServiceUnit(program, Optional.empty(), Optional.empty()).systemd());
        List<String> command = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c", OUTSIDE, "sh", group()));
        command.addAll(List.of("sh", "-c", MACHINE, "sh", directory.toString()));
        machine = Optional.of(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("console").toFile())
                .start());
        Await.until("the service runs", LONG, () -> main() > 0 && isSessionAlive());
    }

    @AfterEach
    void the_machine_ends() throws Exception {
        if (machine.isEmpty()) return;
        machine.get().destroyForcibly().waitFor();
        Process after = new ProcessBuilder("unshare", "--mount", "sh", "-c", AFTERWARDS, "sh", group())
                .inheritIO()
                .start();
        assertThat(after.waitFor(LONG.toSeconds(), TimeUnit.SECONDS))
                .as("its processes are gone")
                .isTrue();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(each);
        }
    }

    @Test
    void a_session_outlives_crash_upgrade_and_stop_of_its_service() throws Exception {
        long first = main();
        inside("kill", "-9", Long.toString(first));
        Await.until("it is started again", LONG, () -> main() > 0 && main() != first);
        assertThat(isSessionAlive()).as("after a crash").isTrue();

        long second = main();
        inside("systemctl", "reload", "carrel");
        assertThat(main()).as("the one that took over is the service").isNotEqualTo(second);
        assertThat(Files.readString(directory.resolve("current")).strip()).isEqualTo(Long.toString(main()));
        assertThat(shown("NRestarts")).as("only the crash").isEqualTo("1");

        long third = main();
        inside("kill", "-9", Long.toString(third));
        Await.until("that one is watched, too", LONG, () -> main() > 0 && main() != third);

        long fourth = main();
        assertThat(inside("sh", "-c", LIE + "echo sent")).isEqualTo("sent");
        assertThat(main()).as("a session says that it is the service").isEqualTo(fourth);

        inside("systemctl", "stop", "carrel");
        assertThat(shown("ActiveState")).isEqualTo("inactive");
        assertThat(isSessionAlive()).as("after a stop").isTrue();
    }

    /// its number inside, 0: none
    private long main() throws IOException, InterruptedException {
        String shown = shown("MainPID");
        return shown.isEmpty() ? 0 : Long.parseLong(shown);
    }

    private String shown(String property) throws IOException, InterruptedException {
        return inside("systemctl", "show", "carrel", "--value", "-p", property);
    }

    private boolean isSessionAlive() throws IOException, InterruptedException {
        Path session = directory.resolve("session");
        return Files.exists(session)
                && inside("ps", "-o", "args=", "-p", Files.readString(session).strip())
                        .startsWith("sleep 1000");
    }

    private String inside(String... words) throws IOException, InterruptedException {
        Optional<ProcessHandle> init = machine.orElseThrow().children().findFirst();
        if (init.isEmpty()) return "";
        List<String> command = new ArrayList<>(
                List.of("nsenter", "-t", Long.toString(init.get().pid())));
        command.addAll(List.of("-m", "-u", "-i", "-n", "-p", "-C", "--"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String all = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return all.strip();
    }

    private String group() {
        return "carrel-test-" + directory.getFileName();
    }
}
