package org.carrel.launch.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.carrel.domain.session.Handle;
import org.carrel.launch.LaunchException;
import org.carrel.launch.Launcher;
import org.carrel.launch.Launcher.Life;
import org.carrel.launch.process.Box.Owner;
import org.carrel.support.Needs;
import org.junit.jupiter.api.Test;

/// The whole contract again, through the privileged starter.
@Needs(Needs.Thing.ROOT)
class StarterLauncherTest extends LauncherContract {
    private Starter starter;

    @Override
    Launcher open(Directories directories) throws Exception {
        if (starter != null) starter.close();
        Path state = Files.createDirectories(directories.boxes().resolve("..").normalize());
        LocalHands hands =
                LocalHands.ofRoot(directories, Owner.self(), new Uids(state.resolve("uids")), Cgroups.none());
        starter = Starter.listen(hands, socket().resolveSibling("starts.lock"), socket(), Owner.self());
        return ProcessLauncher.of(directories, new RemoteHands(socket()));
    }

    private Path socket() {
        return directories.run().resolve("starter.sock");
    }

    @Override
    void closeMore() throws Exception {
        starter.close();
    }

    private String say(String line) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
            channel.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
            ByteBuffer answer = ByteBuffer.allocate(8192);
            while (channel.read(answer) > 0) {
                // to the end
            }
            return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void sessions_go_on_without_the_starter_and_are_found_by_the_next_one() throws Exception {
        Handle handle = launch(shell("sleep 60"));
        starter.close();
        assertThat(launcher.look(handle)).isEqualTo(new Life.Alive());
        assertThatThrownBy(() -> launcher.usage(handle)).hasMessageContaining("restart Carrel as root");
        assertThatThrownBy(() -> launch(shell("sleep 60"))).isInstanceOf(LaunchException.class);
        launcher = open(directories);
        assertThat(launcher.scan()).extracting("handle").containsExactly(handle);
    }

    @Test
    void a_process_that_is_no_session_is_never_touched() throws Exception {
        Process stranger = new ProcessBuilder("sleep", "60").start();
        try {
            long start = Proc.stat(stranger.pid()).orElseThrow().start();
            for (int uid : List.of(0, 1000, Uids.FIRST)) {
                String identity = "{\"id\":{\"value\":\"" + newId() + "\"},\"pid\":" + stranger.pid() + ",\"start\":"
                        + start + ",\"boot\":\"" + Proc.bootId() + "\",\"uid\":" + uid + "}";
                say("{\"verb\":\"SIGNAL\",\"signal\":\"KILL\",\"identity\":" + identity + "}");
                say("{\"verb\":\"CLEAN\",\"identity\":" + identity + "}");
            }
            assertThat(stranger.isAlive()).isTrue();
        } finally {
            stranger.destroyForcibly();
        }
    }

    @Test
    void what_is_ill_formed_is_refused_and_starts_nothing() throws Exception {
        String job = "{\"verb\":\"START\",\"job\":{\"id\":{\"value\":\"%s\"},\"user\":{\"value\":\"%s\"},\"argv\":[%s],"
                + "\"environment\":{%s},\"directory\":\"%s\",\"files\":{%s},\"limits\":{\"cpuMillis\":0,\"memoryBytes\":0},"
                + "\"ownNetwork\":false}}";
        String id = newId().value();
        String argv = "\"touch\",\"" + temporary + "/trace\"";
        for (String line : List.of(
                job.formatted("../../../etc", "ada", argv, "", "", ""),
                job.formatted(id, "../root", argv, "", "", ""),
                job.formatted(id, "ada", "", "", "", ""),
                job.formatted(id, "ada", "\"--help\"", "", "", ""),
                job.formatted(id, "ada", argv, "\"A=B\":\"c\"", "", ""),
                job.formatted(id, "ada", argv, "\"CARREL_SESSION\":\"" + newId() + "\"", "", ""),
                job.formatted(id, "ada", argv, "", "relative", ""),
                job.formatted(id, "ada", argv, "", "", "\"../x\":\"y\""),
                job.formatted(id, "ada", argv, "", "", "\"log\":\"y\""),
                job.formatted(id, "ada", argv, "", "", "").replace("\"ownNetwork\":false", "\"uid\":0"),
                job.formatted(id, "ada", argv, "", "", "").replace("\"argv\"", "\"args\""),
                "{\"verb\":\"START\"}",
                "{\"verb\":\"REBOOT\"}",
                "GET / HTTP/1.1",
                "null",
                "[".repeat(100_000)))
            assertThat(say(line)).as("%.80s", line).contains("failure").doesNotContain("identity\":{");
        assertThat(directories.boxes()).isEmptyDirectory();
        assertThat(temporary.resolve("trace")).doesNotExist();
    }

    @Test
    void an_endless_line_is_cut_off() throws Exception {
        String line = "x".repeat(StarterWire.MOST_ASKED + 20_000);
        assertThatThrownBy(() -> assertThat(say(line)).contains("more than"))
                .isNotNull()
                .isInstanceOfAny(IOException.class, AssertionError.class);
        assertThat(say("{\"verb\":\"SCAN\"}")).contains("found");
    }

    @Test
    void nobody_but_its_own_user_is_served() throws Exception {
        Files.setPosixFilePermissions(socket(), java.nio.file.attribute.PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThat(as(Uids.LAST, "curl -s --max-time 5 --unix-socket " + socket() + " http://x/; echo status $?"))
                // the connection was made, and closed without a word
                .containsPattern("^(curl: .*\n)?status (52|56)\n$");
    }

    @Test
    void what_was_asked_for_has_no_say_before_the_rights_are_dropped() throws Exception {
        Path trap = Files.createDirectory(temporary.resolve("trap"));
        Path setpriv = Files.writeString(trap.resolve("setpriv"), "#!/bin/sh\nid -u > " + temporary + "/trace\n");
        setpriv.toFile().setExecutable(true, false);
        Files.copy(setpriv, trap.resolve("setsid")).toFile().setExecutable(true, false);
        Files.copy(setpriv, trap.resolve("env")).toFile().setExecutable(true, false);
        var spec = shell("echo done; exit 0");
        var evil = new org.carrel.launch.LaunchSpec(
                spec.id(),
                ADA,
                spec.argv(),
                java.util.Map.of("PATH", trap + ":/usr/bin:/bin", "LD_PRELOAD", "/nowhere.so"),
                "",
                spec.endpoint(),
                java.util.Map.of(),
                spec.limits());
        awaitEnd(launch(evil));
        assertThat(temporary.resolve("trace")).doesNotExist();
        assertThat(log(evil)).contains("done");
    }

    @Test
    void a_directory_that_others_may_change_is_refused() throws Exception {
        Path open = Files.createDirectory(temporary.resolve("open"));
        Starter.requireOnlyRootWrites(open);
        Box.mode(open, 0777);
        assertThatThrownBy(() -> Starter.requireOnlyRootWrites(open)).hasMessageContaining(open.toString());
        Box.mode(open, 0755);
        new Owner(Uids.LAST, 0).take(open);
        assertThatThrownBy(() -> Starter.requireOnlyRootWrites(open)).hasMessageContaining(open.toString());
        new Owner(0, 0).take(open);
    }

    static String as(int uid, String script) throws Exception {
        List<String> command = new java.util.ArrayList<>(Spawn.dropTo(uid));
        command.addAll(List.of("/bin/sh", "-c", script));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
