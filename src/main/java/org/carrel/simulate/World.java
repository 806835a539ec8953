package org.carrel.simulate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.carrel.domain.node.NodeEvent;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.place.Home;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionKey;

/// A whole cluster on one thread: machines, agents, gateways, network and users, with one agenda for all of them. What
/// decides in it are the very classes of `domain` that decide in the program.
final class World {
    private static final long WATCH = 100_000;

    final Scenario scenario;
    final Agenda agenda = new Agenda();
    final Network network;
    final List<Host> hosts = new ArrayList<>();
    final List<SimulatedAgent> agents = new ArrayList<>();
    final List<SimulatedGateway> gateways = new ArrayList<>();
    final Programs programs = new Programs(this);
    final Users users = new Users(this);
    final Invariants invariants = new Invariants(this);
    private final Consumer<String> trace;
    private final boolean isTraced;
    private long events;
    private long fingerprint;

    /// @param trace hears every step in words
    World(Scenario scenario, Consumer<String> trace) {
        this(scenario, trace, true);
    }

    World(Scenario scenario) {
        this(scenario, line -> {}, false);
    }

    private World(Scenario scenario, Consumer<String> trace, boolean isTraced) {
        this.scenario = scenario;
        this.trace = trace;
        this.isTraced = isTraced;
        this.network = new Network(agenda, scenario);
        for (Scenario.Machine machine : scenario.machines()) {
            Host host = new Host(hosts.size(), machine, scenario.setup());
            host.present = !machine.late();
            hosts.add(host);
            agents.add(new SimulatedAgent(this, host));
        }
        for (int i = 0; i < scenario.gateways(); i++) gateways.add(new SimulatedGateway(this, i, hosts.get(i)));
    }

    /// @throws Violation when something that must hold doesn't
    void run() {
        for (SimulatedAgent agent : agents) if (agent.host.present) agent.start();
        gateways.forEach(SimulatedGateway::start);
        scenario.inputs().forEach(input -> agenda.at(input.at(), () -> happen(input)));
        agenda.at(scenario.calm(), this::calmDown);
        agenda.in(WATCH, this::watch);
        while (agenda.step(scenario.length())) events++;
        invariants.settled();
    }

    long events() {
        return events;
    }

    /// The same for the same scenario, and most probably for no other.
    long fingerprint() {
        return fingerprint;
    }

    void note(String what, Object where, long number, Object detail) {
        fingerprint = Lots.mixed(fingerprint ^ agenda.now() ^ what.hashCode() ^ number << 32);
        if (isTraced)
            trace.accept(String.format("%12.6f %-14s %s %d %s", agenda.now() / 1e6, what, where, number, detail));
    }

    /// Chance for something about a session.
    long lot(Session session, int what, long bound) {
        return Lots.draw(
                scenario.seed(),
                session.id().value().hashCode(),
                session.node().value().hashCode(),
                what,
                bound);
    }

    /// Where the files of a session lie. With homes each user has one, except in the app that leaves no files.
    Home homeOf(SessionKey key) {
        if (!scenario.setup().homes() || !Apps.leavesFiles(key.app())) return Home.SHARED;
        long lot = Lots.draw(scenario.seed(), key.owner().value().hashCode(), 0, 40, hosts.size());
        return new Home.Local(Optional.of(hosts.get((int) lot).name));
    }

    int numberOf(NodeName name) {
        return Integer.parseInt(name.value().substring(1)) - 1;
    }

    void spread(SimulatedAgent.Facts facts) {
        for (SimulatedGateway gateway : gateways)
            network.send(facts.machine(), hostOf(gateway), () -> gateway.hear(facts));
    }

    private int hostOf(SimulatedGateway gateway) {
        return gateway.number;
    }

    private void watch() {
        invariants.watch();
        agenda.in(WATCH, this::watch);
    }

    private void happen(Input input) {
        note("input", "", 0, input);
        switch (input) {
            case Input.Begin begin -> gateways.get(begin.gateway()).begin(begin);
            case Input.Cancel(var at, var once) -> users.cancel(once);
            case Input.Elsewhere(var at, var once) -> users.elsewhere(once);
            case Input.Leave(var at, var once) -> users.leave(once);
            case Input.CrashAgent(var at, var machine, var down) -> {
                agents.get(machine).kill();
                agenda.in(down, () -> revive(machine));
            }
            case Input.CrashGateway(var at, var gateway, var down) -> {
                gateways.get(gateway).kill();
                agenda.in(down, () -> gateways.get(gateway).start());
            }
            case Input.Reboot(var at, var machine, var down) -> {
                agents.get(machine).reboot();
                if (machine < gateways.size()) gateways.get(machine).kill();
                agenda.in(down, () -> {
                    revive(machine);
                    if (machine < gateways.size()) gateways.get(machine).start();
                });
            }
            case Input.PauseAgent(var at, var machine, var time) ->
                agents.get(machine).life.pause(time);
            case Input.PauseGateway(var at, var gateway, var time) ->
                gateways.get(gateway).life.pause(time);
            case Input.Cut cut -> network.cut(cut);
            case Input.SetClock(var at, var machine, var by) ->
                hosts.get(machine).setClock(by);
            case Input.Drain(var at, var machine, var on) -> {
                SimulatedAgent agent = agents.get(machine);
                agent.life.receive(() -> agent.tell(new NodeEvent.Drain(on)));
                invariants.changed();
            }
            case Input.Install(var at, var machine, var app, var there) -> {
                if (there) hosts.get(machine).apps.add(Apps.of(app).id());
                else hosts.get(machine).apps.remove(Apps.of(app).id());
                invariants.changed();
            }
            case Input.Join(var at, var machine) -> {
                hosts.get(machine).present = true;
                agents.get(machine).start();
                invariants.changed();
            }
        }
    }

    private void revive(int machine) {
        if (hosts.get(machine).present) agents.get(machine).start();
    }

    /// From now on nothing goes wrong any more.
    private void calmDown() {
        note("calm", "", 0, "");
        network.heal();
        invariants.changed();
        for (SimulatedAgent agent : agents) {
            if (agent.host.present) agent.start();
            agent.life.resume();
            agent.tell(new NodeEvent.Drain(false));
        }
        for (SimulatedGateway gateway : gateways) {
            gateway.start();
            gateway.life.resume();
        }
    }
}
