package org.carrel.simulate;

import java.util.ArrayList;
import java.util.List;

/// Carries messages between machines, as badly as the weather wants. What a message meets depends on the seed, its two
/// ends and how many went that way before, so that taking one input out of a scenario changes little elsewhere.
final class Network {
    private static final long LOCAL = 50;
    private static final long LEAST = 200;
    private static final long MOST = 8_000;

    private final Agenda agenda;
    private final Scenario scenario;
    private final long[][] sent;
    private final List<Input.Cut> cuts = new ArrayList<>();

    Network(Agenda agenda, Scenario scenario) {
        this.agenda = agenda;
        this.scenario = scenario;
        int size = scenario.machines().size();
        this.sent = new long[size][size];
    }

    void cut(Input.Cut cut) {
        cuts.add(cut);
        agenda.in(cut.time(), () -> cuts.remove(cut));
    }

    void heal() {
        cuts.clear();
    }

    boolean isWhole() {
        return cuts.isEmpty();
    }

    boolean isCut(int from, int to) {
        for (Input.Cut cut : cuts) {
            boolean fromIn = (cut.side() >> from & 1) == 1;
            boolean toIn = (cut.side() >> to & 1) == 1;
            if (fromIn != toIn && (fromIn || !cut.oneWay())) return true;
        }
        return false;
    }

    /// @param arrival what happens at the other end; twice, when it is duplicated
    void send(int from, int to, Runnable arrival) {
        if (from == to) {
            agenda.in(LOCAL, arrival);
            return;
        }
        Scenario.Weather weather = scenario.weather();
        long number = sent[from][to]++;
        boolean isCalm = agenda.now() >= scenario.calm();
        int copies = draw(from, to, number, 1, 1000) < weather.duplicate() ? 2 : 1;
        for (int copy = 0; copy < copies; copy++) {
            int lot = 10 + 10 * copy;
            if (!isCalm && draw(from, to, number, lot, 1000) < weather.loss()) continue;
            long delay = LEAST + draw(from, to, number, lot + 1, MOST - LEAST);
            if (!isCalm && draw(from, to, number, lot + 2, 1000) < weather.slow())
                delay += draw(from, to, number, lot + 3, Math.max(1, weather.slowest()));
            // what is cut off while under way is lost
            agenda.in(delay, () -> {
                if (!isCut(from, to)) arrival.run();
            });
        }
    }

    private long draw(int from, int to, long number, int lot, long bound) {
        return Lots.draw(scenario.seed(), from * 64L + to, number, lot, bound);
    }
}
