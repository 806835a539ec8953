package org.carrel.launch.process;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.Handle;
import org.carrel.domain.session.SessionId;
import org.carrel.launch.LaunchException;
import org.carrel.launch.LaunchSpec;
import org.carrel.launch.Launcher;
import org.carrel.launch.process.Accounts.Account;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sessions in a server that runs already, the machine's own `rserver`: an account has one there, and it is that
/// account's `rsession`, which the server begins at the first request and again after it has suspended itself. Nothing
/// is started here, so nothing has to be found again but the account; while no R runs, such a session *rests*.
public final class RSessionLauncher implements Launcher {
    private static final Logger log = LoggerFactory.getLogger(RSessionLauncher.class);

    public static final String NAME = "rsession";
    private static final int VERSION = 1;
    /// of what is told about which R run
    private static final Duration AGE = Duration.ofMillis(500);

    private final Directories directories;
    private final Hands hands;
    private final Map<Integer, SessionId> holders = new ConcurrentHashMap<>();
    private final Map<SessionId, Clock> clocks = new ConcurrentHashMap<>();
    private List<RSession> seen = List.of();
    private long seenAt = System.nanoTime() - AGE.toNanos() - 1;

    RSessionLauncher(Directories directories, Hands hands) {
        this.directories = directories;
        this.hands = hands;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean attaches() {
        return true;
    }

    @Override
    public Handle launch(LaunchSpec spec) throws LaunchException {
        String name = spec.account()
                .orElseThrow(() -> new LaunchException("a session in a server that runs already needs an account"));
        Account account = Accounts.named(name)
                .orElseThrow(() -> new LaunchException(
                        "this machine has no account " + name + ": make it, or mend accounts: in the settings"));
        if (!account.isPersons())
            throw new LaunchException(
                    "the account " + name + " (uid " + account.uid() + ") is the system's: nobody sits down as that");
        SessionId holder = holders.putIfAbsent(account.uid(), spec.id());
        if (holder != null && !holder.equals(spec.id()))
            throw new LaunchException("the account " + name + " has a session on this machine already");
        log.info("workload attached session={} user={} account={}", spec.id(), spec.user(), name);
        return new Handle(
                NAME,
                VERSION,
                Map.of("session", spec.id().value(), "account", name, "uid", Integer.toString(account.uid())));
    }

    private record Of(SessionId id, int uid) {
        static Of handle(Handle handle) {
            String id = handle.fields().get("session");
            String uid = handle.fields().get("uid");
            if (!handle.launcher().equals(NAME) || handle.version() != VERSION || id == null || uid == null)
                throw new IllegalArgumentException("not a handle of launcher " + NAME + ": " + handle.launcher());
            return new Of(new SessionId(id), Integer.parseInt(uid));
        }
    }

    @Override
    public Life look(Handle handle) {
        Of of = Of.handle(handle);
        holders.putIfAbsent(of.uid(), of.id());
        try {
            return rsessions(of.uid()).isEmpty() ? new Life.Resting() : new Life.Alive();
        } catch (IOException e) {
            // nobody knows; it is not taken for an end
            log.warn("rsessions can't be seen session={} cause={}", of.id(), e.toString());
            return new Life.Alive();
        }
    }

    private List<RSession> rsessions(int uid) throws IOException {
        return now().stream().filter(session -> session.uid() == uid).toList();
    }

    /// One look serves all sessions.
    private synchronized List<RSession> now() throws IOException {
        return System.nanoTime() - seenAt > AGE.toNanos() ? fresh() : seen;
    }

    private synchronized List<RSession> fresh() throws IOException {
        seen = hands.rsessions();
        seenAt = System.nanoTime();
        return seen;
    }

    /// Nothing carries our mark: what is known of them stands in the journal.
    @Override
    public List<Found> scan() {
        return List.of();
    }

    @Override
    public void signal(Handle handle, Signal signal) throws IOException {
        int uid = Of.handle(handle).uid();
        // one that has just begun must not be overlooked: nobody would look for it again
        for (RSession session : fresh()) {
            if (session.uid() != uid) continue;
            log.info(
                    "rsession signalled session={} pid={} signal={}",
                    Of.handle(handle).id(),
                    session.pid(),
                    signal);
            hands.signal(session, signal);
        }
    }

    @Override
    public OptionalLong pid(Handle handle) {
        try {
            return rsessions(Of.handle(handle).uid()).stream()
                    .mapToLong(RSession::pid)
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    @Override
    public Usage usage(Handle handle) throws IOException {
        return seen(handle).usage();
    }

    @Override
    public Optional<Activity> activity(Handle handle) throws IOException {
        return seen(handle).activity();
    }

    private RSession.Use seen(Handle handle) throws IOException {
        Of of = Of.handle(handle);
        Clock clock = clocks.computeIfAbsent(of.id(), id -> new Clock());
        return clock.use(rsessions(of.uid()), hands);
    }

    /// CPU time that never falls, over one R after the other and over several, which an account has while one of an
    /// earlier server lives on; and one question for all that ask at once.
    private static final class Clock {
        private final Map<RSession, Long> spent = new HashMap<>();
        private long before;
        private RSession.Use known = new RSession.Use(new Usage(0, 0, 0), Optional.empty());
        private long knownAt = System.nanoTime() - AGE.toNanos() - 1;

        synchronized RSession.Use use(List<RSession> sessions, Hands hands) throws IOException {
            if (spent.keySet().equals(Set.copyOf(sessions)) && System.nanoTime() - knownAt < AGE.toNanos())
                return known;
            long memory = 0;
            int processes = 0;
            Optional<Activity> activity = Optional.empty();
            for (RSession session : sessions) {
                RSession.Use use = hands.use(session);
                spent.merge(session, use.usage().cpuNanos(), Math::max);
                memory += use.usage().pssBytes();
                processes += use.usage().processes();
                activity = activity.or(use::activity);
            }
            spent.entrySet().removeIf(one -> {
                if (sessions.contains(one.getKey())) return false;
                before += one.getValue();
                return true;
            });
            long cpu = before;
            for (long one : spent.values()) cpu += one;
            known = new RSession.Use(new Usage(cpu, memory, processes), activity);
            knownAt = System.nanoTime();
            return known;
        }
    }

    /// Only the system's `rserver` may listen there: what it is sent proves who the user is.
    @Override
    public Listener listener(Handle handle, Endpoint.Tcp endpoint) throws IOException {
        return Ports.ofSystem(hands.apart() ? 0 : Box.Owner.self().uid(), endpoint.port());
    }

    @Override
    public Path directory(SessionId id) {
        return Box.of(directories, id).directory();
    }

    /// There is none: `rserver` has its own.
    @Override
    public Path log(SessionId id) {
        return Box.of(directories, id).log();
    }

    @Override
    public void clean(SessionId id, Handle handle) {
        holders.remove(Of.handle(handle).uid(), id);
        clocks.remove(id);
    }

    @Override
    public void forget(SessionId id) {}

    @Override
    public String isolation() {
        return "each user's sessions in RStudio Server run under their own account of the machine";
    }

    @Override
    public void close() {}
}
