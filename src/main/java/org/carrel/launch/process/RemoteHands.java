package org.carrel.launch.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.UserId;
import org.carrel.launch.LaunchException;
import org.carrel.launch.Launcher.Signal;
import org.carrel.launch.Launcher.Usage;
import org.carrel.launch.process.StarterWire.Ask;
import org.carrel.launch.process.StarterWire.Told;
import org.carrel.launch.process.StarterWire.Verb;
import org.jspecify.annotations.Nullable;

/// Hands of the privileged starter, asked over its socket. When the starter is gone, every question fails with what to
/// do; sessions go on.
final class RemoteHands implements Hands {
    private final Path socket;
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("starter-patience").unstarted(task));

    RemoteHands(Path socket) {
        this.socket = socket;
    }

    @Override
    public Identity start(Job job) throws LaunchException, InterruptedException {
        try {
            Told told = exchange(new Ask(Verb.START, job, null, null, null, null));
            if (told.refusal() != null) throw new LaunchException(told.refusal());
            return present(told.identity());
        } catch (InterruptedIOException e) {
            throw new InterruptedException(e.getMessage());
        } catch (IOException e) {
            throw new LaunchException("it could not be started: " + e.getMessage(), e);
        }
    }

    @Override
    public void signal(Identity identity, Signal signal) throws IOException {
        exchange(new Ask(Verb.SIGNAL, null, identity, signal, null, null));
    }

    @Override
    public void settle(Identity identity) throws IOException {
        exchange(new Ask(Verb.SETTLE, null, identity, null, null, null));
    }

    @Override
    public Usage usage(Identity identity) throws IOException {
        return present(
                exchange(new Ask(Verb.USAGE, null, identity, null, null, null)).usage());
    }

    @Override
    public List<Identity> scan() throws IOException {
        return List.copyOf(present(
                exchange(new Ask(Verb.SCAN, null, null, null, null, null)).found()));
    }

    @Override
    public void clean(Identity identity) throws IOException {
        exchange(new Ask(Verb.CLEAN, null, identity, null, null, null));
    }

    @Override
    public void forget(SessionId id) throws IOException {
        exchange(new Ask(Verb.FORGET, null, null, null, id, null));
    }

    @Override
    public boolean apart() {
        return true;
    }

    @Override
    public void pack(UserId user, OutputStream to) throws IOException {
        exchange(Ask.ofHome(Verb.PACK, user), (channel, patience) -> {
            Frames.read(channel, patience, to);
            return told(channel);
        });
    }

    @Override
    public void unpack(UserId user, InputStream from) throws IOException {
        exchange(Ask.ofHome(Verb.UNPACK, user), (channel, patience) -> {
            told(channel);
            try {
                Frames.write(channel, patience, from);
            } catch (Frames.SourceFailed failed) {
                throw failed.why;
            } catch (IOException brokenOff) {
                // the starter has said why, before it hung up
                told(channel);
                throw brokenOff;
            }
            return told(channel);
        });
    }

    @Override
    public void setAside(UserId user) throws IOException {
        exchange(Ask.ofHome(Verb.SET_ASIDE, user));
    }

    private Told exchange(Ask ask) throws IOException {
        return exchange(ask, (channel, patience) -> told(channel));
    }

    private interface Talk {
        Told over(SocketChannel channel, Patience patience) throws IOException;
    }

    private Told exchange(Ask ask, Talk talk) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try (channel;
                Patience patience = new Patience(watch, Starter.PATIENCE, () -> close(channel))) {
            connect(channel);
            StarterWire.write(channel, ask);
            return talk.over(channel, patience);
        } catch (ClosedByInterruptException e) {
            InterruptedIOException interrupted = new InterruptedIOException("interrupted while the starter worked");
            interrupted.initCause(e);
            throw interrupted;
        }
    }

    private static Told told(SocketChannel channel) throws IOException {
        Told told = StarterWire.read(channel, Told.class, StarterWire.MOST_TOLD);
        if (told.failure() != null) throw new IOException(told.failure());
        return told;
    }

    private void connect(SocketChannel channel) throws IOException {
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException(
                    "the privileged starter doesn't answer at " + socket
                            + "; restart Carrel as root (running sessions go on meanwhile)",
                    e);
        }
    }

    private static <T> T present(@Nullable T value) throws IOException {
        if (value == null) throw new IOException("the starter's answer lacks what was asked");
        return value;
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // it was given up already
        }
    }

    @Override
    public void close() {
        watch.shutdownNow();
    }
}
