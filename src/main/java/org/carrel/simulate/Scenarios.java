package org.carrel.simulate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.carrel.simulate.Scenario.Machine;
import org.carrel.simulate.Scenario.Setup;
import org.carrel.simulate.Scenario.Weather;

/// Scenarios from seeds. Each seed picks some kinds of trouble and leaves others out ("swarm testing": Groce and
/// others, 2012): what needs a calm network and a full cluster is not found where everything breaks at once.
final class Scenarios {
    static final int APPS = 2;
    static final long SECOND = 1_000_000;
    private static final long CALM = 65 * SECOND;
    private static final long LENGTH = 100 * SECOND;
    private static final int NEWCOMERS = 1000;

    private final SplittableRandom random;
    private final long seed;
    private final List<Input> inputs = new ArrayList<>();
    private int machines;
    private int gateways;
    private int requests;

    private Scenarios(long seed) {
        this.seed = seed;
        this.random = new SplittableRandom(seed);
    }

    static Scenario of(long seed) {
        return new Scenarios(seed).make();
    }

    private Scenario make() {
        machines = 3 + random.nextInt(4);
        gateways = 2 + random.nextInt(Math.min(machines, 4) - 1);
        List<Machine> all = new ArrayList<>();
        int size = 1 + random.nextInt(4);
        for (int i = 0; i < machines; i++)
            all.add(new Machine(
                    1 + random.nextInt(2 * size),
                    2 + random.nextInt(2 * size),
                    1 + random.nextInt(2),
                    random.nextInt(-300, 300),
                    i >= gateways && random.nextInt(8) == 0));
        users();
        troubles(all);
        if (random.nextInt(4) == 0) edge(time());
        inputs.sort(Comparator.comparingLong(Input::at));
        return new Scenario(seed, all, gateways, weather(), setup(), inputs, CALM, LENGTH);
    }

    private Setup setup() {
        boolean homes = random.nextInt(4) == 0;
        int reservation = random.nextInt(4) == 0 ? 2 + random.nextInt(5) : 30;
        return new Setup(homes, reservation, false);
    }

    private Weather weather() {
        return switch (random.nextInt(4)) {
            case 0 -> new Weather(random.nextInt(200), random.nextInt(100), 0, 0);
            case 1 -> new Weather(random.nextInt(50), random.nextInt(200), random.nextInt(100), slowest());
            default -> new Weather(0, random.nextInt(2) * 50, 0, 0);
        };
    }

    /// A message of 8 s outlives the turn in which it was sent.
    private long slowest() {
        return (random.nextBoolean() ? 2 : 8) * SECOND;
    }

    private void users() {
        int users = 3 + random.nextInt(20);
        int begins = 15 + random.nextInt(50);
        boolean bursts = random.nextBoolean();
        long burst = time();
        for (int i = 0; i < begins; i++) {
            if (random.nextInt(20) == 0) burst = time();
            long at = bursts ? Math.min(CALM, burst + random.nextLong(3 * SECOND)) : time();
            click(at, random.nextInt(users));
        }
    }

    private void click(long at, int user) {
        int app = random.nextInt(APPS);
        int chosen = random.nextInt(12) == 0 ? random.nextInt(machines) : -1;
        String once = "r" + requests++;
        inputs.add(new Input.Begin(at, user, app, random.nextInt(gateways), once, chosen));
        switch (random.nextInt(10)) {
            // twice, and the same request once more at another gateway
            case 0, 1, 2 ->
                inputs.add(new Input.Begin(
                        at + random.nextLong(400_000), user, app, random.nextInt(gateways), "r" + requests++, -1));
            case 3 ->
                inputs.add(new Input.Begin(
                        at + random.nextLong(3 * SECOND), user, app, random.nextInt(gateways), once, chosen));
            case 4 -> inputs.add(new Input.Cancel(at + random.nextLong(200_000), once));
            case 5 -> inputs.add(new Input.Cancel(at + random.nextLong(20 * SECOND), once));
            case 6 -> inputs.add(new Input.Leave(at + random.nextLong(20 * SECOND), once));
            case 7 -> inputs.add(new Input.Elsewhere(at + SECOND + random.nextLong(20 * SECOND), once));
            default -> {}
        }
    }

    private void troubles(List<Machine> all) {
        for (int i = 0; i < machines; i++) if (all.get(i).late()) inputs.add(new Input.Join(time(), i));
        boolean[] kinds = new boolean[9];
        if (random.nextInt(5) > 0) for (int i = 0; i < kinds.length; i++) kinds[i] = random.nextInt(3) == 0;
        int number = random.nextInt(16);
        for (int i = 0; i < number; i++) {
            int kind = random.nextInt(kinds.length);
            long at = time();
            if (kinds[kind]) trouble(kind, at);
        }
    }

    private void trouble(int kind, long at) {
        int machine = random.nextInt(machines);
        int gateway = random.nextInt(gateways);
        switch (kind) {
            case 0 -> inputs.add(new Input.CrashAgent(at, machine, random.nextLong(200_000, 10 * SECOND)));
            case 1 -> inputs.add(new Input.CrashGateway(at, gateway, random.nextLong(500_000, 10 * SECOND)));
            case 2 -> inputs.add(new Input.Reboot(at, machine, random.nextLong(5 * SECOND, 20 * SECOND)));
            case 3 -> inputs.add(new Input.PauseAgent(at, machine, random.nextLong(100_000, 20 * SECOND)));
            case 4 -> inputs.add(new Input.PauseGateway(at, gateway, random.nextLong(100_000, 20 * SECOND)));
            case 5 ->
                inputs.add(new Input.Cut(
                        at,
                        1 + random.nextInt((1 << machines) - 2),
                        random.nextBoolean(),
                        random.nextLong(300_000, 20 * SECOND)));
            case 6 -> inputs.add(new Input.SetClock(at, machine, random.nextLong(-3600, 3600) * SECOND));
            case 7 -> {
                inputs.add(new Input.Drain(at, machine, true));
                inputs.add(new Input.Drain(at + random.nextLong(30 * SECOND), machine, false));
            }
            default -> {
                int app = random.nextInt(APPS);
                inputs.add(new Input.Install(at, machine, app, false));
                inputs.add(new Input.Install(at + random.nextLong(20 * SECOND), machine, app, true));
            }
        }
    }

    /// A cut in one direction, and clicks where it hurts most: some have their answers on the way when it falls; some
    /// come at once to two gateways that by then disagree on who is there.
    private void edge(long at) {
        int side = 1 + random.nextInt((1 << machines) - 2);
        inputs.add(new Input.Cut(at, side, true, random.nextLong(6 * SECOND, 20 * SECOND)));
        for (int i = 0; i < 6; i++) newcomer(at - random.nextLong(40_000), random.nextInt(gateways));
        for (int i = 0; i < 4; i++) {
            long later = at + 3_500_000 + random.nextLong(5 * SECOND);
            int gateway = random.nextInt(gateways);
            int user = newcomer(later, gateway);
            begin(later + random.nextLong(300_000), user, (gateway + 1) % gateways);
        }
    }

    /// @return the number of a user who has clicked on nothing before
    private int newcomer(long at, int gateway) {
        int user = NEWCOMERS + requests;
        begin(at, user, gateway);
        return user;
    }

    private void begin(long at, int user, int gateway) {
        inputs.add(new Input.Begin(at, user, 0, gateway, "r" + requests++, -1));
    }

    private long time() {
        return 8 * SECOND + random.nextLong(CALM - 10 * SECOND);
    }
}
