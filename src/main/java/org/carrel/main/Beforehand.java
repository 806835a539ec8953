package org.carrel.main;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.carrel.config.Settings;
import org.carrel.gateway.restart.Listening;

/// Looks at what most often keeps Carrel from starting, before anything is written or started, so that the answer is
/// one sentence. What changes between this look and the start is still found then, only less kindly said.
final class Beforehand {
    private static final Path FIRST_FREE_PORT = Path.of("/proc/sys/net/ipv4/ip_unprivileged_port_start");

    private Beforehand() {}

    /// How the user of this command names another state directory and another address, as in `--state DIR`.
    record Words(String anotherState, String anotherAddress) {}

    /// @param here sockets that are there already: their addresses are ours, and so is the state directory
    static void look(Settings settings, Words words, List<Listening> here) throws IOException, StartException {
        Path state = Launchers.agentDirectory(settings);
        mayWrite(state, words);
        if (here.isEmpty()) nobodyElse(state, settings.stateDirectory(), words);
        for (Settings.Listen listen : settings.listen())
            if (here.stream().noneMatch(it -> it.isAt(socketAddress(listen)))) free(listen, words);
    }

    /// Of Carrel with users of its administrator's own.
    static void users(Path file) throws StartException {
        if (!Files.exists(file))
            throw new StartException("there is no users file " + file + "; make one with: htpasswd -nB NAME >> " + file
                    + " (docs/guide/security.md says more)");
        if (!Files.isRegularFile(file)) throw new StartException("the users file " + file + " isn't a file");
        if (!Files.isReadable(file))
            throw new StartException("the users file " + file + " can't be read by " + System.getProperty("user.name")
                    + "; change its owner or its mode");
    }

    private static void mayWrite(Path directory, Words words) throws StartException {
        try {
            Files.createDirectories(directory);
            Files.delete(Files.createTempFile(directory, "may-write", null));
        } catch (IOException refused) {
            throw new StartException("nothing can be written in " + directory + " by " + System.getProperty("user.name")
                    + " (" + refused.getClass().getSimpleName() + "); change its owner, or use another: "
                    + words.anotherState());
        }
    }

    private static void nobodyElse(Path agent, Path state, Words words) throws IOException, StartException {
        try (FileChannel channel = FileChannel.open(agent.resolve("lock"), StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock == null)
                throw new StartException("another Carrel uses " + state + "; to put this program in its place without "
                        + "cutting anybody off: carrel upgrade; or use another: " + words.anotherState());
        } catch (NoSuchFileException first) {
            // nobody was here before
        }
    }

    private static void free(Settings.Listen listen, Words words) throws IOException, StartException {
        if (listen.port() == 0) return;
        // bound but never listening: a client that came just now would be taken and then reset
        try (Socket probe = new Socket()) {
            probe.setReuseAddress(true);
            probe.bind(socketAddress(listen));
        } catch (SocketException refused) {
            throw new StartException("can't listen on " + listen.host() + ":" + listen.port() + " ("
                    + refused.getMessage() + "); who has it: ss -ltnp 'sport = :" + listen.port()
                    + "'; use another: " + words.anotherAddress());
        }
    }

    /// What must listen while this program is still root: ports that are for root alone, as far as they aren't here.
    /// @return `here` and these
    static List<Listening> forRoot(Settings settings, List<Listening> here) throws IOException {
        List<Listening> all = new ArrayList<>(here);
        if (!Privileges.isRoot()) return all;
        int free = firstFreePort();
        for (Settings.Listen listen : settings.listen()) {
            InetSocketAddress address = socketAddress(listen);
            if (listen.port() > 0 && listen.port() < free && here.stream().noneMatch(it -> it.isAt(address)))
                all.add(Listening.bind(address));
        }
        return all;
    }

    private static InetSocketAddress socketAddress(Settings.Listen listen) {
        return new InetSocketAddress(listen.address(), listen.port());
    }

    private static int firstFreePort() {
        // one read of many bytes: files of sysctl give nothing from the second read on, and readString begins with one
        // byte
        try (InputStream in = Files.newInputStream(FIRST_FREE_PORT)) {
            byte[] bytes = new byte[16];
            int count = Math.max(0, in.read(bytes));
            return Integer.parseInt(new String(bytes, 0, count, StandardCharsets.US_ASCII).trim());
        } catch (IOException | NumberFormatException unknown) {
            return 1024;
        }
    }
}
