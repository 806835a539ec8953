package org.carrel.gateway.restart;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.carrel.gateway.restart.Message.Ask;
import org.carrel.gateway.restart.Message.Busy;
import org.carrel.gateway.restart.Message.Handed;
import org.carrel.gateway.restart.Message.Me;
import org.carrel.gateway.restart.Message.Place;
import org.carrel.gateway.restart.Message.Ready;
import org.carrel.gateway.restart.Message.Refused;
import org.carrel.gateway.restart.Message.Took;
import org.carrel.gateway.restart.Message.Use;
import org.carrel.gateway.restart.Message.Who;
import org.carrel.gateway.restart.Message.Yours;
import org.carrel.gateway.restart.PacketSocket.Packet;

/// The Carrel whose place we take. What it sends is checked: it is our own user or root, but it may be another version.
public final class Predecessor implements AutoCloseable {
    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(10);
    /// it lets short requests end first
    private static final Duration YOURS_PATIENCE = Duration.ofSeconds(60);
    /// it speaks only when something changed
    private static final Duration SILENCE = Duration.ofDays(2);

    private static final int OUTPUTS = 2;

    /// Not this time; the message says why, and the predecessor goes on.
    public static final class RefusedException extends IOException {
        RefusedException(String why) {
            super(why);
        }
    }

    private final PacketSocket socket;
    private final Place place;
    private final List<Integer> outputs;
    private final List<Listening> listeners;

    private Predecessor(PacketSocket socket, Place place, List<Integer> outputs, List<Listening> listeners) {
        this.socket = socket;
        this.place = place;
        this.outputs = outputs;
        this.listeners = List.copyOf(listeners);
    }

    /// @param path of its control socket
    /// @return empty when nobody is there
    public static Optional<Me> who(Path path) throws IOException {
        String who = Message.text(new Who());
        Optional<PacketSocket> there = connect(path);
        if (there.isEmpty()) return Optional.empty();
        try (PacketSocket socket = there.get()) {
            socket.send(who);
            Packet packet = socket.receive(ANSWER_PATIENCE);
            packet.drop();
            return switch (Message.parse(packet.text())) {
                case Me me -> Optional.of(me);
                case Refused(var why) -> throw new RefusedException(why);
                default -> throw new IOException("the running Carrel answers something else");
            };
        }
    }

    /// Asks for its place and gets what listens; it still accepts.
    /// @return empty when nobody is there
    /// @throws RefusedException when it says no
    public static Optional<Predecessor> ask(Path path, String version) throws IOException {
        // before the other one listens for it: the first JSON of a new program takes seconds on a machine that is full
        String ask =
                Message.text(new Ask(Message.PROTOCOL, ProcessHandle.current().pid(), version));
        Optional<PacketSocket> there = connect(path);
        if (there.isEmpty()) return Optional.empty();
        PacketSocket socket = there.get();
        try {
            socket.send(ask);
            return Optional.of(placed(socket, socket.receive(ANSWER_PATIENCE)));
        } catch (IOException | RuntimeException failed) {
            socket.close();
            throw failed;
        }
    }

    private static Predecessor placed(PacketSocket socket, Packet answer) throws IOException {
        try {
            return switch (Message.parse(answer.text())) {
                case Place place -> placed(socket, place, answer.files());
                case Refused(var why) -> throw new RefusedException(why);
                default -> throw new IOException("the running Carrel answers something else");
            };
        } catch (IOException | RuntimeException failed) {
            answer.drop();
            throw failed;
        }
    }

    private static Predecessor placed(PacketSocket socket, Place place, List<Integer> files) throws IOException {
        if (files.size() <= OUTPUTS) throw new IOException("the running Carrel gave nothing that listens");
        List<Listening> listeners = new ArrayList<>();
        for (int file : files.subList(OUTPUTS, files.size())) listeners.add(Listening.received(file));
        return new Predecessor(socket, place, files.subList(0, OUTPUTS), listeners);
    }

    private static Optional<PacketSocket> connect(Path path) throws IOException {
        if (!Files.exists(path)) return Optional.empty();
        PacketSocket socket;
        try {
            socket = PacketSocket.connect(path);
        } catch (PacketSocket.NobodyException nobody) {
            return Optional.empty();
        }
        int peer = socket.peerUid();
        int owner = (int) Files.getAttribute(path, "unix:uid");
        if (peer == 0 || peer == ControlSocket.ownUid() || peer == owner && ControlSocket.ownUid() == 0)
            return Optional.of(socket);
        socket.close();
        throw new IOException(path + " belongs to another user (uid " + peer + ")");
    }

    public long pid() {
        return place.pid();
    }

    /// as whom it was started
    public int uid() {
        return place.uid();
    }

    public String version() {
        return place.version();
    }

    /// owned by the caller
    public List<Listening> listeners() {
        return listeners;
    }

    /// We are prepared: from now on it accepts no more and gives what it has, all of which is added to `parcels`.
    /// @param parcels what came, also when it broke off
    /// @return how many connections stay with it
    /// @throws RefusedException when it goes on itself
    /// @throws EOFException     when it died: then the place is free, and what came is ours
    public int receive(List<Parcel> parcels) throws IOException {
        ready();
        while (true) {
            Packet packet = socket.receive(YOURS_PATIENCE);
            switch (Message.parse(packet.text())) {
                case Handed handed -> parcels.add(Parcel.of(handed, packet));
                case Yours(var busy) -> {
                    return busy;
                }
                case Refused(var why) -> throw new RefusedException(why);
                default -> packet.drop();
            }
        }
    }

    private void ready() throws EOFException {
        try {
            socket.send(Message.text(new Ready()));
        } catch (IOException gone) {
            throw new EOFException("the other Carrel has gone");
        }
    }

    /// The place is taken. It may already have gone; that is no harm.
    public void took() {
        try {
            socket.send(Message.text(new Took()));
        } catch (IOException gone) {
            // then nobody waits for it
        }
    }

    /// This program speaks from now on where the predecessor spoke: terminal, file or journal.
    public void inheritOutputs() throws IOException {
        System.out.flush();
        System.err.flush();
        for (int i = 0; i < OUTPUTS; i++) SystemCalls.become(outputs.get(i), i + 1);
        outputs.forEach(SystemCalls::close);
    }

    /// Takes what comes later, until the predecessor has nothing left.
    /// @param uses connections it still has; at the end none
    public void follow(Consumer<Parcel> parcels, Consumer<List<Use>> uses) {
        try {
            while (true) {
                Packet packet = socket.receive(SILENCE);
                switch (Message.parse(packet.text())) {
                    case Handed handed -> parcels.accept(Parcel.of(handed, packet));
                    case Busy(var present) -> uses.accept(present);
                    default -> packet.drop();
                }
            }
        } catch (IOException end) {
            uses.accept(List.of());
        } finally {
            close();
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
