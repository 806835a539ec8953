package org.carrel.simulate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionKey;
import org.carrel.simulate.Scenario.Machine;
import org.carrel.simulate.Scenario.Weather;

/// A class comes in: 300 users in ten seconds, on ten unequal machines that are 90 % full afterwards, each start a core
/// for 2 s. How well is the load spread by different ways to choose a machine? Each tenth user clicks again within 0.4
/// s,
/// at another gateway: how often does that begin a second session?
///
/// "ours" is what the program does, by the classes of `domain`, over a network with 0.2 to 8 ms each way. The others
/// are
/// what is usually done, in a few lines each, to compare with; they have no messages to wait for.
public final class Burst {
    private static final int USERS = 300;
    private static final int GATEWAYS = 10;
    private static final int[] CORES = {4, 4, 4, 8, 8, 8, 8, 16, 16, 16};
    private static final int PLACES_OF_CORE = 4;
    private static final double GOSSIP_AGE = 2.0;
    private static final double START = 2.0;
    /// Of so many users one clicks twice.
    private static final int TWICE = 10;

    /// @param imbalance   fill of the fullest machine by the mean fill
    /// @param readyP99    seconds from the click to the first answer
    /// @param overCommits sessions beyond a machine's capacity
    /// @param duplicates  second sessions of one user
    /// @param placedP99   milliseconds
    public record Row(
            String policy, double imbalance, double readyP99, double overCommits, double duplicates, double placedP99) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "| %-28s | %12.2f | %7.1f s | %12.1f | %10.1f | %7.0f ms |",
                    policy,
                    imbalance,
                    readyP99,
                    overCommits,
                    duplicates,
                    placedP99);
        }
    }

    public static final String HEAD =
            "| policy                       | fullest/mean | ready p99 | over-commits | duplicates | placed p99 |\n"
                    + "|---|---|---|---|---|---|";

    /// What a policy may look at.
    private interface Policy {
        /// @param told   sessions of each machine as last heard by this gateway
        /// @param really as they are
        int choose(int gateway, int[] told, int[] really);
    }

    private final SplittableRandom random;
    private final long seed;

    private Burst(long seed) {
        this.seed = seed;
        this.random = new SplittableRandom(seed);
    }

    /// The mean of so many bursts, for each policy.
    public static List<Row> table(int bursts) {
        List<List<Row>> all = new ArrayList<>();
        for (int seed = 1; seed <= bursts; seed++) all.add(new Burst(seed).rows());
        List<Row> means = new ArrayList<>();
        for (int i = 0; i < all.getFirst().size(); i++) {
            int row = i;
            means.add(mean(all.stream().map(rows -> rows.get(row)).toList()));
        }
        return means;
    }

    private static Row mean(List<Row> rows) {
        return new Row(
                rows.getFirst().policy(),
                rows.stream().mapToDouble(Row::imbalance).average().orElseThrow(),
                rows.stream().mapToDouble(Row::readyP99).average().orElseThrow(),
                rows.stream().mapToDouble(Row::overCommits).average().orElseThrow(),
                rows.stream().mapToDouble(Row::duplicates).average().orElseThrow(),
                rows.stream().mapToDouble(Row::placedP99).average().orElseThrow());
    }

    private List<Row> rows() {
        double[] clicks = random.doubles(USERS, 0, 10).sorted().toArray();
        double[] again = random.doubles(USERS, 0, 0.4).toArray();
        int[] before = filledBefore();
        int[] turn = new int[GATEWAYS];
        return List.of(
                ours(clicks, again, before),
                usual(
                        "round robin",
                        clicks,
                        again,
                        before,
                        false,
                        (gateway, told, really) -> turn[gateway]++ % CORES.length),
                usual("least loaded by gossip", clicks, again, before, false, (gateway, told, really) -> least(told)),
                usual("power of two on gossip", clicks, again, before, false, (gateway, told, really) -> {
                    int one = random.nextInt(CORES.length);
                    int two = random.nextInt(CORES.length);
                    return fill(told, one) <= fill(told, two) ? one : two;
                }),
                usual(
                        "one serial decider (ideal)",
                        clicks,
                        again,
                        before,
                        true,
                        (gateway, told, really) -> least(really)));
    }

    /// So that all are 90 % full in the end, if only on average.
    private int[] filledBefore() {
        int places = Arrays.stream(CORES).sum() * PLACES_OF_CORE;
        int[] filled = new int[CORES.length];
        for (int i = 0; i < places * 9 / 10 - USERS; i++) {
            int lot = random.nextInt(places);
            int machine = 0;
            while ((lot -= CORES[machine] * PLACES_OF_CORE) >= 0) machine++;
            filled[machine]++;
        }
        return filled;
    }

    /// @param isOne there is one place where all is known, so that no key is begun twice
    private Row usual(String name, double[] clicks, double[] again, int[] before, boolean isOne, Policy policy) {
        int[] really = before.clone();
        int[][] told = new int[GATEWAYS][];
        double[] next = new double[GATEWAYS];
        for (int i = 0; i < GATEWAYS; i++) {
            told[i] = before.clone();
            next[i] = random.nextDouble(GOSSIP_AGE);
        }
        int[] chosen = new int[USERS];
        int duplicates = 0;
        for (int user = 0; user < USERS; user++) {
            int gateway = random.nextInt(GATEWAYS);
            while (next[gateway] < clicks[user]) {
                told[gateway] = really.clone();
                next[gateway] += GOSSIP_AGE;
            }
            chosen[user] = policy.choose(gateway, told[gateway], really);
            really[chosen[user]]++;
            // the other gateway has heard of the first click only when a round of gossip lies between the two
            double heard = next[(gateway + 1) % GATEWAYS];
            while (heard < clicks[user]) heard += GOSSIP_AGE;
            if (!isOne && user % TWICE == 0 && clicks[user] + again[user] < heard) duplicates++;
        }
        return row(name, clicks, chosen, clicks, before, duplicates);
    }

    private Row ours(double[] clicks, double[] again, int[] before) {
        List<Machine> machines = new ArrayList<>();
        for (int cores : CORES)
            machines.add(new Machine(cores * PLACES_OF_CORE, cores * PLACES_OF_CORE, cores, 0, false));
        List<Input> inputs = new ArrayList<>();
        int user = 0;
        for (int machine = 0; machine < before.length; machine++)
            for (int i = 0; i < before[machine]; i++)
                inputs.add(new Input.Begin(2_000_000 + user * 1_000L, 1000 + user, 0, 0, "b" + user++, machine));
        long start = 10_000_000;
        for (int i = 0; i < USERS; i++) {
            int gateway = random.nextInt(GATEWAYS);
            long at = start + (long) (clicks[i] * 1e6);
            inputs.add(new Input.Begin(at, i, 0, gateway, "c" + i, -1));
            long later = at + (long) (again[i] * 1e6);
            if (i % TWICE == 0) inputs.add(new Input.Begin(later, i, 0, (gateway + 1) % GATEWAYS, "d" + i, -1));
        }
        Scenario scenario = new Scenario(
                seed,
                machines,
                GATEWAYS,
                new Weather(0, 0, 0, 0),
                new Scenario.Setup(false, 30, true),
                inputs,
                start + 30_000_000,
                start + 40_000_000);
        World world = new World(scenario);
        world.run();
        int[] chosen = new int[USERS];
        double[] placed = new double[USERS];
        for (int i = 0; i < USERS; i++) {
            Users.Placed found = world.users.placed("c" + i);
            chosen[i] = found.machine();
            placed[i] = (found.at() - start) / 1e6;
        }
        return row("ours: probe 3, reserve", clicks, chosen, placed, before, duplicates(world));
    }

    private static int duplicates(World world) {
        Set<SessionKey> keys = new HashSet<>();
        int duplicates = 0;
        for (SimulatedAgent agent : world.agents)
            for (Session session : agent.state().sessions())
                if (session.state().isLive() && !keys.add(session.key())) duplicates++;
        return duplicates;
    }

    /// @param placed when each was placed, seconds
    private static Row row(String name, double[] clicks, int[] chosen, double[] placed, int[] before, int duplicates) {
        int[] sessions = before.clone();
        int over = 0;
        for (int machine : chosen) if (++sessions[machine] > CORES[machine] * PLACES_OF_CORE) over++;
        double mean =
                Arrays.stream(sessions).sum() / (double) (Arrays.stream(CORES).sum() * PLACES_OF_CORE);
        double fullest = 0;
        for (int i = 0; i < CORES.length; i++) fullest = Math.max(fullest, fill(sessions, i));
        List<Double> waits = new ArrayList<>();
        for (int i = 0; i < clicks.length; i++) waits.add((placed[i] - clicks[i]) * 1000);
        return new Row(name, fullest / mean, p99(ready(clicks, chosen, placed)), over, duplicates, p99(waits));
    }

    /// Each machine starts as many at once as it has cores, in the order in which they were placed.
    private static List<Double> ready(double[] clicks, int[] chosen, double[] placed) {
        List<PriorityQueue<Double>> free = new ArrayList<>();
        for (int cores : CORES) free.add(new PriorityQueue<>(Collections.nCopies(cores, 0.0)));
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < clicks.length; i++) order.add(i);
        order.sort((a, b) -> Double.compare(placed[a], placed[b]));
        List<Double> ready = new ArrayList<>();
        for (int user : order) {
            PriorityQueue<Double> cores = free.get(chosen[user]);
            double end = Math.max(placed[user], cores.remove()) + START;
            cores.add(end);
            ready.add(end - clicks[user]);
        }
        return ready;
    }

    private static double p99(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get((int) Math.ceil(sorted.size() * 0.99) - 1);
    }

    private static int least(int[] sessions) {
        int least = 0;
        for (int i = 1; i < CORES.length; i++) if (fill(sessions, i) < fill(sessions, least)) least = i;
        return least;
    }

    private static double fill(int[] sessions, int machine) {
        return sessions[machine] / (double) (CORES[machine] * PLACES_OF_CORE);
    }
}
