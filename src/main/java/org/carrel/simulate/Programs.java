package org.carrel.simulate;

import org.carrel.domain.session.Session;

/// The workloads of all machines: they begin to answer, hang, and end by themselves.
final class Programs {
    private final World world;

    Programs(World world) {
        this.world = world;
    }

    void start(Host host, Session session) {
        long now = world.agenda.now();
        if (world.scenario.setup().lasting()) {
            host.programs.put(session.id(), new Host.Program(session, now + 2_000_000));
            return;
        }
        boolean hangs = world.lot(session, 20, 40) == 0;
        long answers = now + (hangs ? 3_600_000_000L : 100_000 + world.lot(session, 21, 4_000_000));
        host.programs.put(session.id(), new Host.Program(session, answers));
        long life = world.lot(session, 22, 30) == 0 ? 50_000 : 3_000_000 + world.lot(session, 23, 60_000_000);
        world.agenda.in(life, () -> {
            if (host.programs.remove(session.id()) != null)
                world.agents.get(host.number).exited(session.id());
        });
    }
}
