package org.carrel.simulate;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.carrel.domain.app.AppId;
import org.carrel.domain.node.NodeAnswer;
import org.carrel.domain.node.NodeEffect;
import org.carrel.domain.node.NodeEvent;
import org.carrel.domain.node.NodeLoad;
import org.carrel.domain.node.NodeState;
import org.carrel.domain.place.PeerCall;
import org.carrel.domain.place.PeerReply;
import org.carrel.domain.place.Registrar;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.Handle;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.session.SessionState;
import org.carrel.domain.session.Workload;

/// The shell around one node's authority and registrar: carries out effects, writes the journal, adopts at the start,
/// as `agent/` does. It decides nothing.
final class SimulatedAgent {
    private static final long TICK = 500_000;
    private static final long PUBLISH = 1_000_000;
    private static final long PUBLISH_CHANGE = 100_000;

    /// What a node says of itself to everybody.
    /// @param number rises with every one of this epoch
    record Facts(
            int machine,
            long epoch,
            long number,
            boolean draining,
            Set<AppId> apps,
            NodeLoad load,
            Set<SessionKey> keys) {
        boolean isNewerThan(Facts other) {
            return epoch != other.epoch ? epoch > other.epoch : number > other.number;
        }
    }

    final Host host;
    final Life life;
    private final World world;
    private NodeState state;
    private Registrar registrar;
    private Instant clockAtStart;
    private long started;
    private long ids;
    private long factsNumber;
    private boolean publishing;

    SimulatedAgent(World world, Host host) {
        this.world = world;
        this.host = host;
        this.life = new Life(world.agenda);
        this.clockAtStart = host.wall(0);
        this.state = NodeState.empty(host.rules(), 0);
        this.registrar = Registrar.of(host.name, 0);
    }

    NodeState state() {
        return state;
    }

    Instant now() {
        return host.steady(clockAtStart, started, world.agenda.now());
    }

    void start() {
        if (life.isUp()) return;
        life.start();
        started = world.agenda.now();
        clockAtStart = host.wall(started);
        long epoch = ++host.epoch;
        factsNumber = 0;
        registrar = Registrar.of(host.name, epoch);
        NodeState.Step step = NodeState.adopting(host.rules(), epoch, adopted(), now());
        state = step.next();
        world.note("agent starts", host.name, epoch, "");
        world.invariants.adopted(this);
        step.effects().forEach(this::carryOut);
        life.in(TICK, this::tick);
        publish();
    }

    void kill() {
        if (!life.isUp()) return;
        life.kill();
        world.note("agent dies", host.name, host.epoch, "");
    }

    /// The machine loses its power.
    void reboot() {
        kill();
        host.programs.clear();
    }

    void tell(NodeEvent event) {
        on(event);
    }

    /// @param answer called with what is to be sent back
    void receive(PeerCall call, Consumer<PeerReply> answer) {
        life.receive(() -> {
            switch (call) {
                case PeerCall.ForRegistrar(var turn) -> {
                    Registrar.Step step = registrar.on(turn, now());
                    registrar = step.next();
                    answer.accept(new PeerReply.OfRegistrar(step.answer()));
                }
                case PeerCall.Look(var ask) -> answer.accept(new PeerReply.OfAgent(look(ask)));
                case PeerCall.Reserve reserve -> answer.accept(new PeerReply.OfAgent(reserve(reserve)));
                case PeerCall.Withdraw(var withdraw) -> answer.accept(new PeerReply.OfAgent(on(withdraw)));
            }
        });
    }

    private NodeAnswer look(NodeEvent.Ask ask) {
        NodeAnswer answer = on(ask);
        world.invariants.promises.looked(this, ask, answer);
        return answer;
    }

    private NodeAnswer reserve(PeerCall.Reserve reserve) {
        AppId app = reserve.key().app();
        if (!host.apps.contains(app)) return without(app, reserve);
        NodeAnswer answer = on(reserve.event(Apps.of(app), freshId()));
        world.invariants.reserved(this, reserve, answer);
        return answer;
    }

    /// As `agent/Agent`: what was granted before the app went is told.
    private NodeAnswer without(AppId app, PeerCall.Reserve reserve) {
        return state.sessions().stream()
                .filter(session ->
                        session.key().equals(reserve.key()) && session.state().isLive())
                .findFirst()
                .<NodeAnswer>map(NodeAnswer.Existing::new)
                .orElseGet(() -> new NodeAnswer.Impossible("there is no app " + app + " here"));
    }

    private NodeAnswer on(NodeEvent event) {
        NodeState before = state;
        NodeState.Step step = state.on(event, now());
        state = step.next();
        if (!step.effects().isEmpty() || state.live() != before.live()) {
            world.invariants.after(this);
            publishSoon();
        }
        step.effects().forEach(this::carryOut);
        return step.answer();
    }

    private void tick() {
        on(new NodeEvent.Tick());
        world.invariants.after(this);
        life.in(TICK, this::tick);
    }

    // ---- facts

    private void publishSoon() {
        if (publishing) return;
        publishing = true;
        life.in(PUBLISH_CHANGE, this::sendFacts);
    }

    private void publish() {
        sendFacts();
        life.in(PUBLISH, this::publish);
    }

    private void sendFacts() {
        publishing = false;
        Set<SessionKey> keys = state.sessions().stream()
                .filter(session -> session.state().isLive())
                .map(Session::key)
                .collect(Collectors.toSet());
        world.spread(new Facts(
                host.number, host.epoch, ++factsNumber, state.draining(), Set.copyOf(host.apps), state.load(), keys));
    }

    // ---- effects

    private void carryOut(NodeEffect effect) {
        switch (effect) {
            case NodeEffect.Launch(var session, var app) -> launch(session, app.startTimeout());
            case NodeEffect.Probe(var session, var workload) -> probe(session);
            case NodeEffect.Keep(var session) ->
                life.in(disk(session, 1), () -> note(session.id(), Host.Note::answered));
            case NodeEffect.Stop(var session, var workload, var hard) -> stop(session, hard);
            case NodeEffect.Clean(var session, var workload) -> {
                End end = session.state() instanceof SessionState.Ended(var how, var at) ? how : lost();
                Instant at = now();
                life.in(disk(session, 2), () -> note(session.id(), known -> known.ended(end, at)));
            }
            case NodeEffect.Discard(var id, var workload) -> life.in(1_000, () -> host.programs.remove(id));
            case NodeEffect.Forget(var id) -> host.journal.remove(id);
        }
    }

    private void launch(Session session, Duration startTimeout) {
        long intent = disk(session, 3);
        long spawn = intent + 5_000 + world.lot(session, 4, 100_000);
        long handle = spawn + disk(session, 5);
        Host.Note note = new Host.Note(session, startTimeout, false, false, Optional.empty(), Optional.empty());
        life.in(intent, () -> host.journal.put(session.id(), note));
        if (!world.scenario.setup().lasting() && world.lot(session, 6, 30) == 0) {
            life.in(spawn, () -> on(new NodeEvent.NotLaunched(session.id(), new End.Failed("no luck", List.of()))));
            return;
        }
        life.in(spawn, () -> world.programs.start(host, session));
        life.in(handle, () -> {
            note(session.id(), Host.Note::launch);
            on(new NodeEvent.Launched(session.id(), workload(session.id())));
        });
    }

    private void probe(Session session) {
        Host.Program program = host.programs.get(session.id());
        if (program == null) {
            life.in(1_000, () -> on(new NodeEvent.Gone(session.id(), lost())));
            return;
        }
        long wait = program.answersAt() - world.agenda.now();
        long patience = 20_000_000;
        if (wait > patience) life.in(patience, () -> on(new NodeEvent.NeverAnswered(session.id(), lost())));
        else
            life.in(Math.max(1_000, wait), () -> {
                boolean runs = host.programs.containsKey(session.id());
                on(runs ? new NodeEvent.Answered(session.id()) : new NodeEvent.Gone(session.id(), lost()));
            });
    }

    private void stop(Session session, boolean hard) {
        if (session.state() instanceof SessionState.Draining draining)
            note(session.id(), known -> known.stopping(draining.because()));
        if (!hard && world.lot(session, 7, 10) == 0) return; // it doesn't listen
        life.in(20_000 + world.lot(session, 8, 500_000), () -> {
            host.programs.remove(session.id());
            on(new NodeEvent.Gone(session.id(), lost()));
        });
    }

    /// A program of a session has ended by itself; the agent looks only now and then.
    void exited(SessionId id) {
        life.in(200_000, () -> on(new NodeEvent.Gone(id, new End.Exited(0, List.of()))));
    }

    private interface Rewrite {
        Host.Note of(Host.Note known);
    }

    private void note(SessionId id, Rewrite rewrite) {
        Host.Note known = host.journal.get(id);
        if (known != null) host.journal.put(id, rewrite.of(known));
    }

    // ---- the start

    private List<NodeState.Adopted> adopted() {
        List<NodeState.Adopted> found = new ArrayList<>();
        for (Map.Entry<SessionId, Host.Note> entry : host.journal.entrySet())
            found.add(new NodeState.Adopted(
                    entry.getValue().session().in(found(entry.getValue())),
                    entry.getValue().startTimeout()));
        return found;
    }

    /// As `agent/Adoption`: what runs counts, not what is written.
    private SessionState found(Host.Note note) {
        if (note.endedAt().isPresent())
            return new SessionState.Ended(
                    note.end().orElse(lost()), note.endedAt().get());
        SessionId id = note.session().id();
        if (!host.programs.containsKey(id))
            return new SessionState.Ended(note.end().orElse(lost()), now());
        if (note.end().isPresent())
            return new SessionState.Draining(
                    workload(id), now().plusSeconds(10), note.end().get());
        if (note.ready()) return new SessionState.Ready(workload(id));
        return new SessionState.Starting(now().plus(note.startTimeout()), Optional.of(workload(id)));
    }

    private long disk(Session session, int which) {
        return 500 + world.lot(session, 100 + which, world.lot(session, 200, 50) == 0 ? 2_000_000 : 15_000);
    }

    private static End lost() {
        return new End.Lost("it was gone");
    }

    private static Workload workload(SessionId id) {
        return new Workload(
                new Handle("simulated", 1, Map.of("id", id.value())),
                new Endpoint.Unix("/run/" + id),
                OptionalLong.empty());
    }

    private SessionId freshId() {
        byte[] bytes = new byte[10];
        long bits = Lots.mixed(Lots.mixed(host.number * 1_000L + host.epoch) + ids++);
        for (int i = 0; i < 8; i++) bytes[i] = (byte) (bits >> 8 * i);
        bytes[8] = (byte) host.number;
        bytes[9] = (byte) host.epoch;
        return SessionId.of(bytes);
    }
}
