package org.carrel.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.carrel.support.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/// The command as root types it, below a directory of the test; what it writes is read by systemd and by a shell.
class ServiceCommandTest {
    private static final Path ANALYZE = Path.of("/usr/bin/systemd-analyze");

    /// Stands for the program: `up` lives until it is ended, `upgrade` puts another `up` in its place.
    private static final String PROGRAM = """
            #!/bin/sh
            here=$(dirname "$0")
            case $1 in
            up) while :; do sleep 0.1; done ;;
            upgrade)
                "$here/carrel" up --take-over >/dev/null 2>&1 </dev/null &
                echo "carrel: prepared; taking over"
                echo "carrel: $! took over from $(cat "$here/pid"); $(cat "$here/pid") finishes 0 requests"
                kill "$(cat "$here/pid")" ;;
            esac
            """;

    @TempDir
    private Path temp;

    private final PrintStream console = System.out;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private Path unit = Path.of("/");
    private Path script = Path.of("/");
    private Path program = Path.of("/");

    @BeforeEach
    void a_machine() throws IOException {
        unit = temp.resolve("root/etc/systemd/system/carrel.service");
        script = temp.resolve("root/etc/init.d/carrel");
        program = executable("opt/carrel", PROGRAM);
        System.setProperty("carrel.program", program.toString());
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void as_before() {
        System.setOut(console);
        System.clearProperty("carrel.program");
    }

    @Test
    void a_unit_is_written_and_the_next_command_said() throws IOException {
        assertThat(run("install", "--init", "systemd")).isZero();
        assertThat(said())
                .contains("wrote " + unit, "Next: systemctl --root=" + temp.resolve("root") + " enable carrel");
        assertThat(Files.readAllLines(unit))
                .contains(
                        "KillMode=process", "Restart=always", "OOMPolicy=continue", "Delegate=yes", "TasksMax=infinity")
                .contains("ExecStart=" + program + " up --take-over", "NotifyAccess=exec")
                .noneMatch(line -> line.startsWith("Private") || line.startsWith("Protect"))
                .noneMatch(line -> line.startsWith("RuntimeDirectory"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(unit)))
                .isEqualTo("rw-r--r--");
        out.reset();
        assertThat(run("install", "--init", "systemd")).isZero();
        assertThat(said()).contains("nothing to do");
    }

    @Test
    @Needs(Needs.Thing.SYSTEMD)
    void systemd_finds_no_fault_with_it() throws Exception {
        run("install", "--init", "systemd", "--config", "/etc/carrel/carrel.yaml");
        assertThat(verified()).isEmpty();
        Files.writeString(unit, Files.readString(unit).replace("KillMode=process", "KillMode=proces"));
        assertThat(verified()).as("it would have said so").contains("kill mode");
    }

    @Test
    void somebody_elses_file_stays_unless_it_is_forced_away() throws IOException {
        Files.createDirectories(unit.getParent());
        Files.writeString(unit, "[Unit]\n");
        assertThat(run("install", "--init", "systemd")).isNotZero();
        assertThat(run("uninstall", "--init", "systemd")).isNotZero();
        assertThat(Files.readString(unit)).isEqualTo("[Unit]\n");
        assertThat(run("install", "--init", "systemd", "--force")).isZero();
        assertThat(Files.readString(unit)).startsWith(ServiceUnit.MARK);
    }

    @Test
    void a_masked_unit_stays_masked() throws IOException {
        Files.createDirectories(unit.getParent());
        Files.createSymbolicLink(unit, Path.of("/dev/null"));
        assertThat(run("install", "--init", "systemd")).isNotZero();
        assertThat(unit).isSymbolicLink();
    }

    @Test
    void looking_first_changes_nothing() throws IOException {
        assertThat(run("install", "--init", "systemd", "--dry-run")).isZero();
        assertThat(said()).contains("would write " + unit);
        out.reset();
        assertThat(run("install", "--init", "systemd", "--print")).isZero();
        assertThat(said()).startsWith(ServiceUnit.MARK).endsWith("WantedBy=multi-user.target\n");
        assertThat(temp.resolve("root")).doesNotExist();
        run("install", "--init", "systemd");
        assertThat(run("uninstall", "--init", "systemd", "--dry-run")).isZero();
        assertThat(unit).exists();
    }

    @Test
    void what_was_written_is_taken_away_with_the_link_that_enables_it() throws IOException {
        run("install", "--init", "systemd");
        Path link = unit.resolveSibling("multi-user.target.wants/carrel.service");
        Files.createDirectories(link.getParent());
        Files.createSymbolicLink(link, Path.of("/etc/systemd/system/carrel.service"));
        assertThat(run("uninstall", "--init", "systemd")).isZero();
        assertThat(unit).doesNotExist();
        assertThat(Files.exists(link, LinkOption.NOFOLLOW_LINKS)).isFalse();
        assertThat(run("uninstall", "--init", "systemd")).isZero();
        assertThat(said()).contains("nothing to do");
    }

    @Test
    void without_systemd_it_is_an_init_script() throws IOException {
        assertThat(run("install")).isZero();
        assertThat(script).isExecutable().content().contains("# Provides:          carrel", "### END INIT INFO");
        assertThat(unit).doesNotExist();
        Files.createDirectories(temp.resolve("root/usr/lib/systemd/systemd"));
        assertThat(run("install")).isZero();
        assertThat(unit).exists();
    }

    @Test
    void the_init_script_starts_upgrades_and_stops() throws Exception {
        run("install", "--init", "lsb");
        assertThat(init("status")).isEqualTo(3);
        assertThat(init("reload")).isEqualTo(7);
        try {
            assertThat(init("start")).isZero();
            String first = Files.readString(pid());
            assertThat(init("start")).as("a second time").isZero();
            assertThat(Files.readString(pid())).isEqualTo(first);
            assertThat(init("reload")).isZero();
            assertThat(Files.readString(pid())).isNotEqualTo(first);
            assertThat(init("status")).isZero();
        } finally {
            assertThat(init("stop")).isZero();
        }
        assertThat(init("status")).isEqualTo(3);
        assertThat(init("sing")).isEqualTo(2);
    }

    @Test
    void a_number_that_another_program_got_is_not_ended() throws Exception {
        run("install", "--init", "lsb");
        Process other = new ProcessBuilder("sleep", "60").start();
        try {
            Files.writeString(pid(), other.pid() + "\n");
            assertThat(init("status")).isEqualTo(3);
            assertThat(init("stop")).isZero();
            assertThat(other.isAlive()).isTrue();
        } finally {
            other.destroy();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a%n", "a$HOME", "a\"", "a\nExecStart=", "ä"})
    void a_place_that_would_have_to_be_quoted_is_refused(String name) {
        System.setProperty(
                "carrel.program", temp.resolve(name).resolve("carrel").toString());
        assertThat(run("install", "--init", "systemd")).isNotZero();
        assertThat(unit).doesNotExist();
    }

    private Path pid() {
        return program.resolveSibling("pid");
    }

    private int init(String word) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", script.toString(), word).inheritIO();
        builder.environment().put("CARREL_PIDFILE", pid().toString());
        builder.environment().put("CARREL_LOGFILE", temp.resolve("log").toString());
        return builder.start().waitFor();
    }

    private String verified() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(ANALYZE.toString(), "verify", "--man=no", unit.toString())
                .redirectErrorStream(true)
                .start();
        String all = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return all.lines().filter(line -> line.contains("carrel.service")).reduce("", String::concat);
    }

    private int run(String action, String... words) {
        CommandLine line = new CommandLine(new ServiceCommand());
        line.setExecutionExceptionHandler((_, _, _) -> 1);
        String[] all = new String[words.length + 3];
        all[0] = action;
        all[1] = "--root";
        all[2] = temp.resolve("root").toString();
        System.arraycopy(words, 0, all, 3, words.length);
        return line.execute(all);
    }

    private String said() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private Path executable(String directory, String text) throws IOException {
        Path file = Files.createDirectories(temp.resolve(directory)).resolve("carrel");
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }
}
