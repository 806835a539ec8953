package org.carrel.agent;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.Handle;
import org.carrel.domain.session.SessionId;
import org.carrel.launch.LaunchException;
import org.carrel.launch.LaunchSpec;
import org.carrel.launch.Launcher;

/// A machine whose programs are scripts of one word, and which outlives every agent opened on it. Their sockets are
/// real. The word is the first of the command:
/// `answers`, `slow` (answers after `slowness`), `silent` (listens, never answers), `deaf` (never listens),
/// `exits` (with the status that follows), `unlaunchable`, `stubborn` (answers, ends only by KILL), `squatted`
/// (a stranger holds its port), `failing` (answers 500).
final class FakeMachine implements Launcher {
    static final class Work {
        final SessionId id;
        final LaunchSpec spec;
        final long pid;
        final AtomicLong cpuNanos = new AtomicLong();
        final List<Signal> signals = new ArrayList<>();
        final AtomicBoolean answers = new AtomicBoolean();
        volatile Optional<Life> end = Optional.empty();
        Optional<ServerSocketChannel> listening = Optional.empty();

        Work(SessionId id, LaunchSpec spec, long pid) {
            this.id = id;
            this.spec = spec;
            this.pid = pid;
        }

        String word() {
            return spec.argv().getFirst();
        }

        boolean isAlive() {
            return end.isEmpty();
        }
    }

    final Map<Long, Work> works = new ConcurrentHashMap<>();
    final AtomicInteger launches = new AtomicInteger();
    final AtomicInteger running = new AtomicInteger();
    final AtomicInteger mostRunning = new AtomicInteger();
    final List<SessionId> cleaned = new java.util.concurrent.CopyOnWriteArrayList<>();
    final List<SessionId> order = new java.util.concurrent.CopyOnWriteArrayList<>();
    volatile long slownessMillis = 200;
    private final AtomicLong pids = new AtomicLong(100);
    private final Path root;

    FakeMachine(Path root) {
        this.root = root;
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public Handle launch(LaunchSpec spec) throws LaunchException {
        launches.incrementAndGet();
        if (spec.argv().getFirst().equals("unlaunchable")) throw new LaunchException("there is no such program");
        Work work = new Work(spec.id(), spec, pids.incrementAndGet());
        try {
            Files.createDirectories(directory(spec.id()));
            print(spec.id(), "hello from " + spec.argv());
            switch (work.word()) {
                case "deaf" -> {}
                case "exits" -> {
                    print(spec.id(), "Error: no such package");
                    work.end = Optional.of(
                            new Life.Exited(Integer.parseInt(spec.argv().get(1))));
                }
                default -> listen(work);
            }
        } catch (IOException e) {
            throw new LaunchException("the fake machine broke: " + e, e);
        }
        works.put(work.pid, work);
        order.add(spec.id());
        if (work.isAlive()) mostRunning.accumulateAndGet(running.incrementAndGet(), Math::max);
        return handle(work);
    }

    private void listen(Work work) throws IOException {
        ServerSocketChannel server;
        switch (work.spec.endpoint()) {
            case Endpoint.Unix(var path) -> {
                Files.createDirectories(Path.of(path).getParent());
                server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                server.bind(UnixDomainSocketAddress.of(path));
            }
            case Endpoint.Tcp(var port) -> {
                server = ServerSocketChannel.open();
                server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            }
        }
        work.listening = Optional.of(server);
        long began = System.nanoTime();
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    SocketChannel client = server.accept();
                    Thread.ofVirtual().start(() -> answer(work, client, began));
                }
            } catch (IOException e) {
                // closed: the work has ended
            }
        });
    }

    private void answer(Work work, SocketChannel client, long began) {
        try (client) {
            client.read(ByteBuffer.allocate(4096));
            if (work.word().equals("silent")) {
                client.read(ByteBuffer.allocate(1));
                return;
            }
            if (work.word().equals("slow") && System.nanoTime() - began < slownessMillis * 1_000_000) return;
            String status = work.word().equals("failing") ? "500 Broken" : "200 OK";
            String answer = "HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n";
            client.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.US_ASCII)));
            work.answers.set(true);
        } catch (IOException e) {
            // the prober hung up
        }
    }

    /// The program ends by itself.
    void end(SessionId id, Life how) {
        of(id).ifPresent(work -> end(work, how));
    }

    private synchronized void end(Work work, Life how) {
        if (!work.isAlive()) return;
        work.end = Optional.of(how);
        running.decrementAndGet();
        work.listening.ifPresent(server -> {
            try {
                server.close();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    Optional<Work> of(SessionId id) {
        return works.values().stream().filter(work -> work.id.equals(id)).findFirst();
    }

    long alive(SessionId id) {
        return works.values().stream()
                .filter(work -> work.id.equals(id) && work.isAlive())
                .count();
    }

    void print(SessionId id, String line) throws IOException {
        Files.writeString(log(id), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static Handle handle(Work work) {
        return new Handle("fake", 1, Map.of("pid", Long.toString(work.pid)));
    }

    private Optional<Work> of(Handle handle) {
        return Optional.ofNullable(works.get(Long.parseLong(handle.fields().get("pid"))));
    }

    @Override
    public Path directory(SessionId id) {
        return root.resolve("sessions").resolve(id.value());
    }

    @Override
    public Path log(SessionId id) {
        return directory(id).resolve("log");
    }

    @Override
    public OptionalLong pid(Handle handle) {
        return OptionalLong.of(Long.parseLong(handle.fields().getOrDefault("pid", "0")));
    }

    @Override
    public String isolation() {
        return "none: this is a fake";
    }

    @Override
    public Life look(Handle handle) {
        return of(handle).map(work -> work.end.orElseGet(Life.Alive::new)).orElseGet(Life.Vanished::new);
    }

    @Override
    public List<Found> scan() {
        return works.values().stream()
                .filter(Work::isAlive)
                .map(work -> new Found(work.id, handle(work)))
                .toList();
    }

    @Override
    public void signal(Handle handle, Signal signal) {
        Work work = of(handle).orElseThrow();
        synchronized (work.signals) {
            work.signals.add(signal);
        }
        if (work.word().equals("stubborn") && signal != Signal.KILL) return;
        end(work, new Life.Exited(128 + (signal == Signal.KILL ? 9 : signal == Signal.TERM ? 15 : 2)));
    }

    @Override
    public Usage usage(Handle handle) {
        Work work = of(handle).orElseThrow();
        return new Usage(work.cpuNanos.get(), 50L << 20, 1);
    }

    @Override
    public Listener listener(Handle handle, Endpoint.Tcp endpoint) {
        boolean own = of(handle).filter(work -> !work.word().equals("squatted")).isPresent();
        return own ? Listener.WORKLOAD : Listener.STRANGER;
    }

    @Override
    public void clean(SessionId id, Handle handle) throws IOException {
        of(handle).ifPresent(work -> end(work, new Life.Exited(137)));
        cleaned.add(id);
    }

    @Override
    public void forget(SessionId id) throws IOException {
        Files.deleteIfExists(log(id));
        Files.deleteIfExists(directory(id));
    }

    @Override
    public void close() {
        for (Work work : works.values()) end(work, new Life.Exited(137));
    }
}
