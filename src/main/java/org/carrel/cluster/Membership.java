package org.carrel.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.carrel.config.ClusterSettings;
import org.carrel.domain.app.AppId;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.member.Claim;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.node.NodeName;
import org.carrel.port.Members;
import org.carrel.port.OtherNode;
import org.carrel.port.Probes;
import org.carrel.port.Views;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This node's place among the others: finds them, joins, tells them of itself, and puts them into the
/// view. Everything goes on in threads of its own, and may end and begin anew (`Attendance`) while
/// sessions, agent and gateway notice nothing but an older view.
public final class Membership implements Probes.Answerer, Members, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Membership.class);
    private static final Duration AGAIN_FIRST = Duration.ofMillis(500);
    private static final Duration AGAIN_MOST = Duration.ofSeconds(10);
    private static final Duration CLOSE_MOST = Duration.ofSeconds(15);

    /// @param doorPort of this node's door
    public record Self(NodeId id, NodeName name, int doorPort) {}

    /// What a node says of itself besides what its agent knows.
    /// @param homes digest of the users' homes it knows of
    public record Offer(Map<String, String> labels, Set<AppId> apps, Set<String> roles, String homes) {}

    /// @param directory for what must be known again after a restart; made when missing
    /// @param own       the agent's view
    /// @param views     where the others are put
    /// @param offer     asked every second; never blocks
    /// @param tls       empty: plain, for tests on loopback
    public record Parts(
            Self self,
            ClusterSettings settings,
            Callsigns callsigns,
            Path directory,
            Views own,
            ClusterViews views,
            Supplier<Offer> offer,
            Probes probes,
            Optional<TlsEngines.Source> tls,
            InstantSource time) {}

    private final Parts parts;
    private final CandidateBook book = new CandidateBook();
    private final Remembered memory;
    private final Pulse pulse = new Pulse();
    private final Sources sources;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition woken = lock.newCondition();
    private volatile Optional<Attendance> present = Optional.empty();
    private boolean stirred;
    private volatile boolean closed;
    private volatile boolean leaves;

    /// Returns at once; the rest goes on by itself.
    /// @throws IOException when the directory can't be had
    public static Membership open(Parts parts) throws IOException {
        Files.createDirectories(parts.directory());
        return new Membership(parts);
    }

    private Membership(Parts parts) {
        this.parts = parts;
        memory = Remembered.open(parts.directory());
        book.remember(memory.doors());
        sources = new Sources(parts.settings(), parts.self(), parts.callsigns(), book);
        thread = Thread.ofPlatform().daemon().name("membership").start(this::live);
    }

    private void live() {
        Duration again = AGAIN_FIRST;
        String said = "";
        while (!closed) {
            try {
                InetAddress address = address();
                sources.use(address);
                attend(address);
                again = AGAIN_FIRST;
                said = "";
            } catch (IOException | RuntimeException failed) {
                // the same cause is said once, however long it lasts
                if (!said.equals(failed.toString()))
                    log.warn("no membership yet, trying on cause=\"{}\"", failed.getMessage());
                said = failed.toString();
                again = again.multipliedBy(2).compareTo(AGAIN_MOST) > 0 ? AGAIN_MOST : again.multipliedBy(2);
            } catch (InterruptedException e) {
                break; // nobody but us interrupts it
            }
            pause(again);
        }
        sources.close();
        pulse.close();
    }

    private InetAddress address() throws IOException {
        return address(parts.settings());
    }

    /// Under which other nodes reach this one: as the settings say, else chosen among the machine's own.
    public static InetAddress address(ClusterSettings settings) throws IOException {
        return settings.address().isPresent() ? settings.address().get() : OwnAddress.choose();
    }

    /// One run of membership, until it is over or this is closed.
    private void attend(InetAddress address) throws IOException, InterruptedException {
        long run = nextRun();
        try (PhiRegistry registry = new PhiRegistry(pulse::lostNanos);
                Engine engine = new Engine(new Engine.Setup(
                        parts.settings().name(),
                        parts.self().id(),
                        parts.self().name(),
                        address.getHostAddress(),
                        parts.settings().port(),
                        parts.tls().map(source -> new TlsEngines(source, registry)),
                        registry,
                        this::stir))) {
            Attendance attendance = new Attendance(parts, engine, registry, book, memory, sources, address, run);
            present = Optional.of(attendance);
            log.info("membership open address={} run={}", engine.address(), run);
            while (!closed && attendance.goesOn()) pause(attendance.untilNext());
            if (closed && leaves && attendance.isMember()) engine.leave(Duration.ofSeconds(3));
        } finally {
            present = Optional.empty();
        }
    }

    private long nextRun() {
        try {
            return memory.nextRun();
        } catch (IOException full) {
            log.warn("can't write down who is a member directory={} cause={}", parts.directory(), full.toString());
            return TimeUnit.MILLISECONDS.toSeconds(parts.time().millis()) & 0x3fff_ffff; // later than any count of runs
        }
    }

    private void pause(Duration patience) {
        lock.lock();
        try {
            if (!closed && !stirred) woken.awaitNanos(patience.toNanos());
            stirred = false;
        } catch (InterruptedException e) {
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    /// Ends the present pause, or the next when there is none.
    private void stir() {
        lock.lock();
        try {
            stirred = true;
            woken.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Claim answer(Claim asker) {
        if (!asker.node().equals(parts.self().id())) book.asked(asker);
        return present.map(Attendance::claim).orElseGet(this::absent);
    }

    private Claim absent() {
        String host = sources.host();
        Candidate door = new Candidate(host, parts.self().doorPort());
        return new Claim(
                parts.self().id(),
                parts.self().name(),
                parts.settings().name(),
                host + ":" + parts.settings().port(),
                "none",
                door,
                Optional.empty());
    }

    /// A member of a cluster, perhaps of itself alone.
    public boolean isMember() {
        return present.filter(Attendance::isMember).isPresent();
    }

    /// Id of the cluster it is in, or is about to join; empty before that.
    public String island() {
        return present.map(Attendance::island).orElse("");
    }

    @Override
    public Forgot forget(NodeName name) {
        OtherNode node = parts.views().current().others().get(name);
        Optional<Attendance> attendance = present;
        if (node == null || attendance.isEmpty()) return new Forgot.Unknown();
        if (node.state() != OtherNode.State.UNREACHABLE) return new Forgot.Reachable();
        attendance.get().forget(node.address());
        log.info("node forgotten node={} id={} address={}", name, node.id(), node.address());
        return new Forgot.Done();
    }

    /// Takes nodes off everybody's list, whether or not they can be reached, and looks for the others again.
    /// @param which are shut out; those that no longer are come back by themselves
    public void expel(Predicate<NodeId> which) {
        book.forgetSilences();
        for (OtherNode node : parts.views().current().others().values())
            if (which.test(node.id())) present.ifPresent(attendance -> attendance.forget(node.address()));
    }

    /// Candidates that lost their place, and multicast names that were passed over: somebody floods the
    /// network.
    public long passedOver() {
        return book.turnedAway() + sources.passedOver();
    }

    /// Ends without waiting: another program of this node takes the place. The others see it silent
    /// meanwhile.
    public void abandon() {
        wake(false);
    }

    /// A node that still has sessions goes without a word, so that it stays in everybody's list as out of
    /// reach: its sessions live, and nobody must start them elsewhere unasked. One without says goodbye.
    @Override
    public void close() {
        wake(parts.own().current().sessions().values().stream()
                .noneMatch(session -> session.state().isLive()));
        try {
            thread.join(CLOSE_MOST.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void wake(boolean goodbye) {
        lock.lock();
        try {
            leaves = goodbye;
            closed = true;
            woken.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
