package org.carrel.gateway.restart;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.carrel.gateway.restart.Message.Ask;
import org.carrel.gateway.restart.Message.Me;
import org.carrel.gateway.restart.Message.Place;
import org.carrel.gateway.restart.Message.Ready;
import org.carrel.gateway.restart.Message.Refused;
import org.carrel.gateway.restart.Message.Who;
import org.carrel.gateway.restart.PacketSocket.Packet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where a running Carrel can be asked who it is, and for its place. Answers root and its own user, nobody else.
public final class ControlSocket implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ControlSocket.class);
    private static final int ASKING_MOST = 4;
    private static final Duration QUESTION_PATIENCE = Duration.ofSeconds(5);
    /// a successor prepares itself so long at most, then has to ask again
    private static final Duration READY_PATIENCE = Duration.ofSeconds(120);

    private static final int[] OUTPUTS = {1, 2};

    private final PacketSocket socket;
    private final Path path;
    private final Me me;
    private final Listeners listeners;
    private final Consumer<Successor> successors;
    private final int uid;
    private final Semaphore room = new Semaphore(ASKING_MOST);
    private final AtomicBoolean taken = new AtomicBoolean();

    /// Gives second descriptors of what listens.
    public interface Listeners {
        List<Listening> duplicates() throws IOException;
    }

    private ControlSocket(PacketSocket socket, Path path, Me me, Listeners listeners, Consumer<Successor> successors)
            throws IOException {
        this.socket = socket;
        this.path = path;
        this.me = me;
        this.listeners = listeners;
        this.successors = successors;
        this.uid = ownUid();
    }

    /// @param path       in a directory where only this program and root can write
    /// @param successors told of one at a time; must take it over without blocking
    public static ControlSocket open(Path path, Me me, Listeners listeners, Consumer<Successor> successors)
            throws IOException {
        PacketSocket socket = PacketSocket.listen(path);
        ControlSocket control = new ControlSocket(socket, path, me, listeners, successors);
        Thread.ofPlatform().daemon().name("control").start(control::accept);
        return control;
    }

    static int ownUid() throws IOException {
        return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    private void accept() {
        try {
            for (Optional<PacketSocket> next = socket.accept(); next.isPresent(); next = socket.accept()) {
                PacketSocket asker = next.get();
                if (room.tryAcquire())
                    Thread.ofPlatform().daemon().name("control asker").start(() -> serve(asker));
                else asker.close();
            }
        } catch (IOException broken) {
            log.error("control socket broke; upgrading needs a stop until the next start path={}", path, broken);
        }
    }

    private void serve(PacketSocket asker) {
        boolean kept = false;
        try {
            int peer = asker.peerUid();
            if (peer != 0 && peer != uid) {
                log.warn("control socket refused uid={}", peer);
                return;
            }
            Packet packet = asker.receive(QUESTION_PATIENCE);
            packet.drop(); // a question has no files
            switch (Message.parse(packet.text())) {
                case Who _ -> asker.send(Message.text(me));
                case Ask ask -> kept = give(asker, ask);
                default -> asker.send(Message.text(new Refused("that is no question")));
            }
        } catch (IOException gone) {
            log.info("control socket: asker gone cause=\"{}\"", gone.getMessage());
        } finally {
            if (!kept) asker.close();
            room.release();
        }
    }

    /// @return the socket is now the successor's
    private boolean give(PacketSocket asker, Ask ask) throws IOException {
        if (ask.protocol() != Message.PROTOCOL) {
            asker.send(Message.text(new Refused("it speaks another version of the hand-over (" + ask.protocol()
                    + ", this one " + Message.PROTOCOL + "); stop this Carrel and start the other")));
            return false;
        }
        if (!taken.compareAndSet(false, true)) {
            asker.send(Message.text(new Refused("another one is taking its place just now")));
            return false;
        }
        boolean ready = false;
        try {
            log.info("hot restart asked for successor={} version={}", ask.pid(), ask.version());
            if (!place(asker)) return false;
            awaitReady(asker, ask);
            ready = true;
        } catch (InterruptedIOException late) {
            asker.send(Message.text(new Refused("it took too long to prepare itself")));
            throw late;
        } finally {
            if (!ready) taken.set(false);
        }
        successors.accept(new Successor(asker, ask.pid(), () -> taken.set(false)));
        return true;
    }

    private boolean place(PacketSocket asker) throws IOException {
        List<Listening> duplicates;
        try {
            duplicates = listeners.duplicates();
        } catch (IOException impossible) {
            asker.send(Message.text(new Refused(String.valueOf(impossible.getMessage()))));
            return false;
        }
        try {
            int[] files = new int[OUTPUTS.length + duplicates.size()];
            System.arraycopy(OUTPUTS, 0, files, 0, OUTPUTS.length);
            for (int i = 0; i < duplicates.size(); i++)
                files[OUTPUTS.length + i] = duplicates.get(i).descriptor();
            asker.send(Message.text(new Place(me.pid(), me.uid(), me.version())), files);
            return true;
        } finally {
            duplicates.forEach(Listening::close);
        }
    }

    private static void awaitReady(PacketSocket asker, Ask ask) throws IOException {
        Message said = Message.parse(asker.receive(READY_PATIENCE).text());
        if (!(said instanceof Ready)) throw new IOException("successor " + ask.pid() + " said " + said);
    }

    /// Its file stays: the next one takes its place.
    @Override
    public void close() {
        socket.close();
    }
}
