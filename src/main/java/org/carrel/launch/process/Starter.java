package org.carrel.launch.process;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import jdk.net.ExtendedSocketOptions;
import org.carrel.domain.Require;
import org.carrel.domain.user.UserId;
import org.carrel.launch.LaunchException;
import org.carrel.launch.process.Box.Owner;
import org.carrel.launch.process.StarterWords.Ask;
import org.carrel.launch.process.StarterWords.Told;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The privileged part: listens on a socket that only the unprivileged part of Carrel can open, and does what `Hands`
/// can do, no more. It believes nothing it is sent: users get their uid from its own file, paths are made here from
/// ids,
/// and a process is touched only if its uid is one that sessions run with and its identity agrees, or if it is a
/// genuine
/// `rsession` of a person's account (`RSessions`).
///
/// One virtual thread for each connection, at most `MOST_CONNECTIONS`; each has `PATIENCE`.
final class Starter implements AutoCloseable {
    static final int MOST_CONNECTIONS = 128;
    static final Duration PATIENCE = Duration.ofSeconds(150);

    private static final Logger log = LoggerFactory.getLogger(Starter.class);

    private final Hands hands;
    private final StartsLock lock;
    private final ServerSocketChannel listener;
    private final Path socket;
    private final UserPrincipal allowed;
    private final Semaphore room = new Semaphore(MOST_CONNECTIONS);
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("starter-watch").unstarted(task));

    private Starter(Hands hands, StartsLock lock, ServerSocketChannel listener, Path socket, UserPrincipal allowed) {
        this.hands = hands;
        this.lock = lock;
        this.listener = listener;
        this.socket = socket;
        this.allowed = allowed;
    }

    /// @param socket  in a directory where only root can write
    /// @param lock    one file for all starters of these directories
    /// @param gateway who may connect, and nobody else
    static Starter listen(Hands hands, Path lock, Path socket, Owner gateway) throws IOException {
        Files.deleteIfExists(socket);
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(socket));
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
        gateway.take(socket);
        Starter starter = new Starter(
                hands, StartsLock.open(lock), listener, socket, Files.getOwner(socket, LinkOption.NOFOLLOW_LINKS));
        Thread.ofVirtual().name("starter-accept").start(starter::accept);
        return starter;
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                SocketChannel channel = listener.accept();
                if (room.tryAcquire())
                    Thread.ofVirtual().name("starter-ask").start(() -> {
                        try {
                            serve(channel);
                        } finally {
                            room.release();
                        }
                    });
                else channel.close();
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                log.error("starter can't accept because={}", e.toString());
                return;
            }
        }
    }

    private void serve(SocketChannel channel) {
        try (channel;
                Patience patience = new Patience(watch, PATIENCE, () -> close(channel))) {
            UserPrincipal peer =
                    channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
            if (!peer.equals(allowed)) {
                log.warn("starter refused peer={}", peer.getName());
                return;
            }
            Told told;
            try {
                told = answer(StarterWire.asked(channel), channel, patience);
            } catch (LaunchException e) {
                told = new Told.Refused(String.valueOf(e.getMessage()));
            } catch (IOException | RuntimeException e) {
                log.warn("starter failed because={}", e.toString());
                told = new Told.Failed(String.valueOf(e.getMessage()));
            }
            StarterWire.tell(channel, told);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            log.warn("starter lost a connection because={}", e.toString());
        }
    }

    private Told answer(Ask ask, SocketChannel asker, Patience patience)
            throws IOException, LaunchException, InterruptedException {
        return switch (ask) {
            case Ask.Start(var job) -> new Told.Began(lock.starting(() -> start(job, asker)));
            case Ask.Send(var signal, var to) -> {
                hands.signal(to, signal);
                yield new Told.Done();
            }
            case Ask.Settle(var identity) -> {
                hands.settle(identity);
                yield new Told.Done();
            }
            case Ask.Measure(var identity) -> new Told.Used(hands.usage(identity));
            case Ask.Scan() -> new Told.Found(lock.<List<Identity>, IOException>looking(hands::scan));
            case Ask.Clean(var identity) -> {
                hands.clean(identity);
                yield new Told.Done();
            }
            case Ask.Forget(var id) -> {
                hands.forget(id);
                yield new Told.Done();
            }
            case Ask.Pack(var user) -> pack(user, asker, patience);
            case Ask.Unpack(var user) -> {
                StarterWire.tell(asker, new Told.Done());
                hands.unpack(user, Frames.input(asker, patience));
                yield new Told.Done();
            }
            case Ask.SetAside(var user) -> {
                hands.setAside(user);
                yield new Told.Done();
            }
            case Ask.RSessions() -> new Told.FoundR(hands.rsessions());
            case Ask.MeasureR(var session) -> new Told.UsedR(hands.use(session));
            case Ask.SendR(var signal, var to) -> {
                hands.signal(to, signal);
                yield new Told.Done();
            }
        };
    }

    /// The frames are ended in any case: what went wrong is said behind them.
    private Told pack(UserId user, SocketChannel asker, Patience patience) throws IOException, InterruptedException {
        try {
            hands.pack(user, Frames.output(asker, patience));
            Frames.end(asker);
            return new Told.Done();
        } catch (IOException failed) {
            Frames.end(asker);
            throw failed;
        }
    }

    /// Nothing for an asker who has died meanwhile: its successor has looked what runs, and would never find it.
    private Identity start(Job job, SocketChannel asker) throws IOException, LaunchException, InterruptedException {
        asker.configureBlocking(false);
        int heard = asker.read(ByteBuffer.allocate(1));
        asker.configureBlocking(true);
        if (heard != 0) throw new LaunchException("whoever asked for this start is gone");
        return hands.start(job);
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            log.warn("can't close a connection because={}", e.toString());
        }
    }

    /// A link put anywhere above by somebody else would be followed with root's rights.
    /// @throws IllegalArgumentException naming the directory that others may change
    static void requireOnlyRootWrites(Path directory) throws IOException {
        Path path = directory.toRealPath();
        while (path != null) {
            int owner = (int) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
            int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            boolean sticky = (mode & 01000) != 0;
            Require.require(
                    owner == 0 && ((mode & 022) == 0 || sticky),
                    path + " must belong to root and be written by root alone, because the starter works below it");
            path = path.getParent();
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        watch.shutdownNow();
        Files.deleteIfExists(socket);
        lock.close();
        hands.close();
    }
}
