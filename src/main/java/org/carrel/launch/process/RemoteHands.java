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
import org.carrel.launch.process.StarterWords.Ask;
import org.carrel.launch.process.StarterWords.Told;

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
            return switch (exchange(new Ask.Start(job))) {
                case Told.Began(var identity) -> identity;
                case Told.Refused(var sentence) -> throw new LaunchException(sentence);
                case Told other -> throw unasked(other);
            };
        } catch (InterruptedIOException e) {
            throw new InterruptedException(e.getMessage());
        } catch (IOException e) {
            throw new LaunchException("it could not be started: " + e.getMessage(), e);
        }
    }

    @Override
    public void signal(Identity identity, Signal signal) throws IOException {
        done(exchange(new Ask.Send(signal, identity)));
    }

    @Override
    public void settle(Identity identity) throws IOException {
        done(exchange(new Ask.Settle(identity)));
    }

    @Override
    public Usage usage(Identity identity) throws IOException {
        Told told = exchange(new Ask.Measure(identity));
        if (told instanceof Told.Used(var usage)) return usage;
        throw unasked(told);
    }

    @Override
    public List<Identity> scan() throws IOException {
        Told told = exchange(new Ask.Scan());
        if (told instanceof Told.Found(var all)) return all;
        throw unasked(told);
    }

    @Override
    public void clean(Identity identity) throws IOException {
        done(exchange(new Ask.Clean(identity)));
    }

    @Override
    public void forget(SessionId id) throws IOException {
        done(exchange(new Ask.Forget(id)));
    }

    @Override
    public List<RSession> rsessions() throws IOException {
        Told told = exchange(new Ask.RSessions());
        if (told instanceof Told.FoundR(var all)) return all;
        throw unasked(told);
    }

    @Override
    public RSession.Use use(RSession session) throws IOException {
        Told told = exchange(new Ask.MeasureR(session));
        if (told instanceof Told.UsedR(var use)) return use;
        throw unasked(told);
    }

    @Override
    public void signal(RSession session, Signal signal) throws IOException {
        done(exchange(new Ask.SendR(signal, session)));
    }

    @Override
    public boolean apart() {
        return true;
    }

    @Override
    public void pack(UserId user, OutputStream to) throws IOException {
        done(exchange(new Ask.Pack(user), (channel, patience) -> {
            Frames.read(channel, patience, to);
            return told(channel);
        }));
    }

    @Override
    public void unpack(UserId user, InputStream from) throws IOException {
        done(exchange(new Ask.Unpack(user), (channel, patience) -> {
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
        }));
    }

    @Override
    public void setAside(UserId user) throws IOException {
        done(exchange(new Ask.SetAside(user)));
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
            StarterWire.ask(channel, ask);
            return talk.over(channel, patience);
        } catch (ClosedByInterruptException e) {
            InterruptedIOException interrupted = new InterruptedIOException("interrupted while the starter worked");
            interrupted.initCause(e);
            throw interrupted;
        }
    }

    private static Told told(SocketChannel channel) throws IOException {
        Told told = StarterWire.told(channel);
        if (told instanceof Told.Failed(var sentence)) throw new IOException(sentence);
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

    private static void done(Told told) throws IOException {
        if (!(told instanceof Told.Done)) throw unasked(told);
    }

    private static IOException unasked(Told told) {
        return new IOException("the starter answered what wasn't asked: " + told);
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
