package org.carrel.launch.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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

    /// @return what the starter answers to one message
    private StarterWords.Told say(byte[] message) throws IOException {
        return sayOnTheWire(ByteBuffer.allocate(4 + message.length)
                .putInt(message.length)
                .put(message)
                .flip());
    }

    private StarterWords.Told sayOnTheWire(ByteBuffer bytes) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
            while (bytes.hasRemaining()) channel.write(bytes);
            return StarterWire.told(channel);
        }
    }

    /// Words of a start, written here once more, since no `Job` can be made of most of them.
    private record Start(String id, String user, List<String> argv, String variable, String directory, String file) {
        byte[] bytes() throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeByte(0);
            text(out, id);
            text(out, user);
            out.writeInt(argv.size());
            for (String word : argv) text(out, word);
            pair(out, variable);
            text(out, directory);
            pair(out, file);
            out.writeInt(0);
            out.writeLong(0);
            out.writeByte(0);
            return bytes.toByteArray();
        }

        private static void pair(DataOutputStream out, String pair) throws IOException {
            out.writeInt(pair.isEmpty() ? 0 : 1);
            if (!pair.isEmpty()) for (String half : pair.split("=>")) text(out, half);
        }

        private static void text(DataOutputStream out, String text) throws IOException {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            out.writeInt(bytes.length);
            out.write(bytes);
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
                Identity identity = new Identity(newId(), stranger.pid(), start, Proc.bootId(), uid);
                say(StarterWire.asking(new StarterWords.Ask.Send(Launcher.Signal.KILL, identity)));
                say(StarterWire.asking(new StarterWords.Ask.Clean(identity)));
            }
            assertThat(stranger.isAlive()).isTrue();
        } finally {
            stranger.destroyForcibly();
        }
    }

    @Test
    void what_is_ill_formed_is_refused_and_starts_nothing() throws Exception {
        String id = newId().value();
        List<String> touch =
                List.of("/usr/bin/touch", temporary.resolve("trace").toString());
        for (Start start : List.of(
                new Start("../../../etc", "ada", touch, "", "", ""),
                new Start(id, "../root", touch, "", "", ""),
                new Start(id, "ada", List.of(), "", "", ""),
                new Start(id, "ada", List.of("--help"), "", "", ""),
                new Start(id, "ada", touch, "A=B=>c", "", ""),
                new Start(id, "ada", touch, "CARREL_SESSION=>" + newId(), "", ""),
                new Start(id, "ada", touch, "A=>c\0d", "", ""),
                new Start(id, "ada", touch, "", "relative", ""),
                new Start(id, "ada", touch, "", "", "../x=>y"),
                new Start(id, "ada", touch, "", "", "log=>y")))
            assertThat(say(start.bytes())).as("%s", start).isInstanceOf(StarterWords.Told.Failed.class);
        byte[] whole = new Start(id, "ada", touch, "A=>b", "", "file=>text").bytes();
        for (int length = 0; length < whole.length; length++)
            assertThat(say(Arrays.copyOf(whole, length)))
                    .as("cut after %s bytes", length)
                    .isInstanceOf(StarterWords.Told.Failed.class);
        assertThat(say(Arrays.copyOf(whole, whole.length + 1))).isInstanceOf(StarterWords.Told.Failed.class);
        assertThat(say("GET / HTTP/1.1".getBytes(StandardCharsets.UTF_8))).isInstanceOf(StarterWords.Told.Failed.class);
        assertThat(directories.boxes()).isEmptyDirectory();
        assertThat(temporary.resolve("trace")).doesNotExist();
        assertThat(say(whole)).as("as it should be").isInstanceOf(StarterWords.Told.Began.class);
    }

    @Test
    void a_message_without_end_is_refused_by_its_first_bytes() throws Exception {
        for (int length : List.of(StarterWire.MOST_ASKED + 1, Integer.MAX_VALUE, -1)) {
            ByteBuffer claim = ByteBuffer.allocate(4).putInt(length).flip();
            assertThat(sayOnTheWire(claim))
                    .isInstanceOfSatisfying(
                            StarterWords.Told.Failed.class,
                            failed -> assertThat(failed.sentence()).contains("more than"));
        }
        assertThat(say(StarterWire.asking(new StarterWords.Ask.Scan()))).isInstanceOf(StarterWords.Told.Found.class);
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
