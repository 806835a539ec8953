package org.carrel.agent;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.domain.app.Service;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.node.Metadata;
import org.carrel.domain.node.NodeAnswer;
import org.carrel.domain.node.NodeEffect;
import org.carrel.domain.node.NodeEvent;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.NodeState;
import org.carrel.domain.place.PeerCall;
import org.carrel.domain.session.End;
import org.carrel.domain.session.ServiceKeys;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.UserId;
import org.carrel.http.Feed;
import org.carrel.http.RequestId;
import org.carrel.kind.KindDriver;
import org.carrel.launch.Launcher;
import org.carrel.port.Admission;
import org.carrel.port.Begun;
import org.carrel.port.Catalogue;
import org.carrel.port.Knock;
import org.carrel.port.NodeFacts;
import org.carrel.port.NodeMetadata;
import org.carrel.port.Progress;
import org.carrel.port.ProgressFeed;
import org.carrel.port.Reservations;
import org.carrel.port.ServiceNodes;
import org.carrel.port.ServiceNodes.Look;
import org.carrel.port.Sessions;
import org.carrel.port.Troubles;
import org.carrel.port.View;
import org.carrel.port.ViewBoard;
import org.carrel.port.Views;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The only authority over one node's sessions. Opening it adopts what runs; closing it leaves workloads running.
public final class Agent
        implements Sessions, Reservations, Views, Admission, NodeMetadata.Own, ServiceNodes.Own, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Agent.class);
    private static final String BUSY = "this node is busy and could not decide in time; try again in a moment";

    private final Catalogue catalogue;
    private final Means means;
    private final UsualStarts usual;
    private final MetadataFile metadata;
    private final ViewBoard board;
    private final Authority authority;
    private final Errands errands;
    private final Observer observer;
    private final LogRotation rotation;
    private final Doorkeeper doorkeeper;
    private final Orphans orphans;
    private final ServiceKeeper services;
    private final FileChannel lock;
    private final long epoch;

    /// @param launchers the first one starts new sessions; not closed with the agent
    /// @throws IOException when the directories can't be used, or another agent uses them
    public static Agent open(
            AgentSettings settings,
            Catalogue catalogue,
            List<Launcher> launchers,
            List<KindDriver> kinds,
            InstantSource time)
            throws IOException {
        return open(settings, catalogue, launchers, kinds, time, Means.Failpoint.NONE);
    }

    static Agent open(
            AgentSettings settings,
            Catalogue catalogue,
            List<Launcher> launchers,
            List<KindDriver> kinds,
            InstantSource time,
            Means.Failpoint failpoint)
            throws IOException {
        Files.createDirectories(settings.stateDirectory());
        Files.createDirectories(settings.runDirectory());
        FileChannel lock = lock(settings.stateDirectory());
        try {
            return new Agent(settings, catalogue, launchers, kinds, time, failpoint, lock);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private Agent(
            AgentSettings settings,
            Catalogue catalogue,
            List<Launcher> launchers,
            List<KindDriver> kinds,
            InstantSource time,
            Means.Failpoint failpoint,
            FileChannel lock)
            throws IOException {
        long began = System.nanoTime();
        this.catalogue = catalogue;
        this.lock = lock;
        this.board = new ViewBoard();
        this.usual = UsualStarts.open(settings.stateDirectory().resolve("usual-starts"));
        this.metadata = MetadataFile.open(settings.stateDirectory());
        Map<KindId, KindDriver> byId = new LinkedHashMap<>();
        kinds.forEach(kind -> byId.put(kind.id(), kind));
        this.means = new Means(
                settings,
                time,
                List.copyOf(launchers),
                Map.copyOf(byId),
                Journal.open(settings.stateDirectory()),
                new Disk(settings.node(), settings.stateDirectory(), settings.diskReserveBytes()),
                new ConcurrentHashMap<>(),
                this::tell,
                failpoint);
        Instant now = time.instant();
        this.epoch = means.journal().raiseEpoch();
        Adoption adoption = new Adoption(means);
        NodeState.Step start = drainedAsBefore(NodeState.adopting(settings.rules(), epoch, adoption.adopt(), now), now);
        this.orphans = new Orphans(means, adoption.orphans());
        this.errands = new Errands(means, board, usual);
        this.authority = new Authority(start.next(), time, board, errands::carryOut, state -> facts(state, now));
        this.observer = new Observer(means, board, catalogue, authority);
        this.doorkeeper = new Doorkeeper(board, catalogue, means.desks(), means.kinds(), time);
        authority.open(start.effects());
        this.rotation = new LogRotation(means, board);
        observer.open();
        rotation.open();
        this.services = new ServiceKeeper(
                this,
                metadata,
                catalogue,
                settings.labels(),
                settings.stateDirectory().resolve("services"));
        services.open();
        log.info(
                "agent open node={} epoch={} sessions={} took_ms={}",
                settings.node(),
                epoch,
                start.next().live(),
                (System.nanoTime() - began) / 1_000_000);
    }

    private NodeState.Step drainedAsBefore(NodeState.Step start, Instant now) {
        if (!means.journal().isDrained()) return start;
        log.warn("node is drained, as before node={} next=\"undrain it when it may take sessions\"", node());
        NodeState.Step drained = start.next().on(new NodeEvent.Drain(true), now);
        List<NodeEffect> effects = new ArrayList<>(start.effects());
        effects.addAll(drained.effects());
        return new NodeState.Step(drained.next(), drained.answer(), effects);
    }

    @Override
    public Begun begin(SessionKey key, RequestId once) throws InterruptedException {
        Optional<Catalogue.Entry> entry = catalogue.find(key.app());
        Optional<String> obstacle = obstacle(key, entry);
        if (entry.isEmpty() || obstacle.isPresent()) {
            // what keeps new sessions from starting is no reason to hide a running one
            Optional<Session> live = liveOf(key);
            return live.isPresent() ? new Begun.Existing(live.get()) : new Begun.Impossible(obstacle.orElseThrow());
        }
        return begin(key, entry.get().app(), once);
    }

    private Optional<String> obstacle(SessionKey key, Optional<Catalogue.Entry> entry) {
        AppId app = key.app();
        if (entry.isEmpty()) return Optional.of("there is no app " + app + " on " + node() + "; look at the catalogue");
        boolean service = entry.get().app().service().isPresent();
        if (service && !isOwnCopy(key, entry.get().app()))
            return Optional.of(app + " is a service: an administrator starts it with carrel launch");
        if (!service && key.owner().cannotSignIn()) return Optional.of(app + " is no service");
        App wanted = entry.get().app();
        Optional<KindDriver> kind = Optional.ofNullable(means.kinds().get(wanted.kind()));
        return entry.get()
                .obstacle()
                .or(means.disk()::obstacle)
                .or(() -> Attached.obstacle(key, wanted, kind, current()));
    }

    private boolean isOwnCopy(SessionKey key, App app) {
        int most = Math.max(1, app.service().map(Service::perNode).orElse(0));
        return IntStream.rangeClosed(1, most)
                .anyMatch(number ->
                        key.equals(ServiceKeys.of(app.id(), means.settings().node(), number)));
    }

    @Override
    public Optional<NodeAnswer> answer(PeerCall call) throws InterruptedException {
        return switch (call) {
            case PeerCall.Look(var ask) -> {
                Optional<String> obstacle =
                        obstacle(ask.key(), catalogue.find(ask.key().app()));
                yield authority
                        .ask(ask)
                        .map(answer ->
                                answer instanceof NodeAnswer.Report report ? report.hinderedBy(obstacle) : answer);
            }
            case PeerCall.Reserve reserve -> reserve(reserve);
            case PeerCall.Withdraw(var withdraw) -> authority.ask(withdraw);
            case PeerCall.ForRegistrar other ->
                throw new IllegalArgumentException("an agent is no registrar: " + other);
        };
    }

    private Optional<NodeAnswer> reserve(PeerCall.Reserve reserve) throws InterruptedException {
        SessionKey key = reserve.key();
        Optional<Catalogue.Entry> entry = catalogue.find(key.app());
        Optional<String> obstacle = obstacle(key, entry);
        if (entry.isPresent() && obstacle.isEmpty())
            return authority.ask(reserve.event(entry.get().app(), Means.newId()));
        return Optional.of(liveOf(key)
                .<NodeAnswer>map(NodeAnswer.Existing::new)
                .orElseGet(() -> new NodeAnswer.Impossible(obstacle.orElseThrow())));
    }

    @Override
    public long epoch() {
        return epoch;
    }

    private Begun begin(SessionKey key, App app, RequestId once) throws InterruptedException {
        NodeEvent event = new NodeEvent.Begin(key, app, Means.newId(), once.value());
        return authority.ask(event).map(Agent::begun).orElseGet(() -> new Begun.Impossible(BUSY));
    }

    private static Begun begun(NodeAnswer answer) {
        return switch (answer) {
            case NodeAnswer.Granted(var session) -> new Begun.Granted(session);
            case NodeAnswer.Existing(var session) -> new Begun.Existing(session);
            case NodeAnswer.Full(var shortage, var retryAfter) -> new Begun.Full(shortage, retryAfter);
            case NodeAnswer.Draining() -> new Begun.Draining();
            case NodeAnswer.Impossible(var why) -> new Begun.Impossible(why);
            // a begin of this node has no turn, and nobody withdraws it
            case NodeAnswer.Superseded superseded -> throw new IllegalStateException("no turn, and " + superseded);
            case NodeAnswer.Restarted restarted -> throw new IllegalStateException("no epoch, and " + restarted);
            case NodeAnswer.Withdrawn withdrawn -> new Begun.Impossible("this request was called off; start again");
            case NodeAnswer.Report report -> throw new IllegalStateException("not an answer to begin: " + report);
            case NodeAnswer.Now now -> throw new IllegalStateException("not an answer to begin: " + now);
            case NodeAnswer.Nothing nothing -> throw new IllegalStateException("no answer to begin");
        };
    }

    @Override
    public Feed<Progress> watch(SessionId id) {
        return new ProgressFeed(board.follow(), id);
    }

    @Override
    public Optional<Session> stop(SessionId id, End because) throws InterruptedException {
        return now(authority.ask(new NodeEvent.Stop(id, because)));
    }

    @Override
    public Optional<Session> extend(SessionId id, UserId by) throws InterruptedException {
        Optional<Session> session = now(authority.ask(new NodeEvent.Extend(id, by)));
        Optional<Desk> desk =
                session.flatMap(known -> Optional.ofNullable(means.desks().get(known.id())));
        desk.ifPresent(known -> known.used(means.time().instant()));
        return session;
    }

    @Override
    public List<String> log(SessionId id, int lines) {
        if (current().session(id).isEmpty()) return List.of();
        try {
            return means.logOf(id).tail(lines);
        } catch (IOException e) {
            log.warn("log unreadable session={} cause={}", id, e.toString());
            return List.of("(its log can't be read: " + e.getMessage() + ")");
        }
    }

    @Override
    public Optional<Duration> usualStart(SessionKey key) {
        return usual.of(key.app());
    }

    /// Kept over restarts. One at a time, so that what is written is what was decided last.
    @Override
    public synchronized void drain(boolean on) throws InterruptedException {
        try {
            means.journal().drained(on);
        } catch (IOException e) {
            log.error("drain not written, a restart forgets it node={} on={} cause={}", node(), on, e.toString());
        }
        authority.ask(new NodeEvent.Drain(on));
        log.info("node drain node={} on={}", node(), on);
    }

    @Override
    public Metadata change(Metadata.Change change) throws IOException {
        Metadata before = metadata.present();
        Metadata now = metadata.change(change);
        if (now.equals(before)) return now;
        services.forgetUnwanted();
        authority.refresh();
        return now;
    }

    @Override
    public Look look(AppId app, long from) {
        return services.look(app, from);
    }

    @Override
    public View current() {
        return board.current();
    }

    @Override
    public Feed<View> follow() {
        return board.follow();
    }

    @Override
    public Verdict admit(Knock knock) {
        return doorkeeper.admit(knock);
    }

    /// Workloads that no record explains.
    public Troubles orphans() {
        return orphans;
    }

    /// Takes no new sessions, stops those there are in the manner of their kinds, and waits for their ends: for a demo
    /// that leaves nothing behind.
    /// @return how many still run when the patience is over
    public int stopAll(End because, Duration patience) throws InterruptedException {
        authority.ask(new NodeEvent.Drain(true)); // for this time only
        long deadline = System.nanoTime() + patience.toNanos();
        try (Feed<View> views = follow()) {
            for (Session session : current().sessions().values())
                if (session.state().isLive()) stop(session.id(), because);
            while (liveCount() > 0 && System.nanoTime() < deadline) views.next(Duration.ofMillis(200));
        }
        return liveCount();
    }

    @Override
    public void close() {
        services.close();
        observer.close();
        rotation.close();
        errands.close();
        authority.close();
        board.close();
        try {
            lock.close();
        } catch (IOException e) {
            log.warn("lock not released cause={}", e.toString());
        }
        log.info("agent closed node={} sessions_left_running={}", node(), liveCount());
    }

    private void tell(NodeEvent event) throws InterruptedException {
        authority.tell(event);
    }

    private NodeFacts facts(NodeState state, Instant since) {
        NodeGauge.Reading reading = observer.reading();
        AgentSettings settings = means.settings();
        return new NodeFacts(
                settings.node(),
                settings.version(),
                since,
                settings.capacity(),
                state.committed(),
                state.live(),
                state.starting(),
                state.queued(),
                state.draining(),
                reading.cpuPercent(),
                reading.memoryUsedBytes(),
                reading.memoryTotalBytes(),
                reading.load1(),
                settings.isolation(),
                metadata.present());
    }

    private Optional<Session> liveOf(SessionKey key) {
        return current().sessions().values().stream()
                .filter(session -> session.key().equals(key) && session.state().isLive())
                .findFirst();
    }

    private int liveCount() {
        return (int) current().sessions().values().stream()
                .filter(session -> session.state().isLive())
                .count();
    }

    NodeName name() {
        return means.settings().node();
    }

    private String node() {
        return name().value();
    }

    private static Optional<Session> now(Optional<NodeAnswer> answer) {
        return answer.flatMap(given -> given instanceof NodeAnswer.Now(var session) ? session : Optional.empty());
    }

    private static FileChannel lock(Path stateDirectory) throws IOException {
        FileChannel channel =
                FileChannel.open(stateDirectory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock != null) return channel;
        channel.close();
        throw new IOException("another carrel uses " + stateDirectory + "; stop it first, or give this one another "
                + "state directory");
    }
}
