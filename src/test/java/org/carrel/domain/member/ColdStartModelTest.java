package org.carrel.domain.member;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.carrel.domain.member.Knowledge.Asked;
import org.carrel.domain.member.Knowledge.Heard;
import org.carrel.domain.member.Plan.Move;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.node.NodeName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Many cold starts under a simulated clock: nodes are switched on within some seconds of each other, hear of each
/// other
/// sooner or later, in one direction earlier than in the other or never, and answer slowly. The seed of a failure is
/// in its message.
class ColdStartModelTest {
    private static final int SEEDS = Integer.getInteger("carrel.rounds", 60);
    private static final int STEP_MILLIS = 250;

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 6})
    void nodes_that_hear_of_each_other_in_time_never_become_two_islands(int nodes) {
        for (int seed = 0; seed < SEEDS; seed++) {
            World world = new World(nodes, seed, 2_500, false);
            world.run(60_000);
            assertThat(world.founded).as("seed %d", seed).isEqualTo(1);
            assertThat(world.islands()).as("seed %d", seed).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 6})
    void nodes_that_hear_of_each_other_late_or_one_way_become_one_island_all_the_same(int nodes) {
        for (int seed = 0; seed < SEEDS; seed++) {
            World world = new World(nodes, seed, 30_000, true);
            world.run(180_000);
            assertThat(world.islands()).as("seed %d", seed).hasSize(1);
        }
    }

    private static final class World {
        final SplittableRandom random;
        final List<Machine> machines = new ArrayList<>();
        int founded;
        int now;

        World(int nodes, int seed, int hearsWithin, boolean oneWay) {
            random = new SplittableRandom(seed);
            for (int i = 0; i < nodes; i++) machines.add(new Machine(this, i, random.nextInt(8_000)));
            for (Machine one : machines)
                for (Machine other : machines)
                    if (one != other && (!oneWay || one.number < other.number || random.nextInt(2) == 0))
                        one.hearsOf.put(other, Math.max(one.on, other.on) + random.nextInt(hearsWithin));
        }

        void run(int millis) {
            for (; now < millis; now += STEP_MILLIS)
                for (Machine machine : machines) if (now >= machine.on) machine.step();
        }

        Set<String> islands() {
            Set<String> ids = new HashSet<>();
            for (Machine machine : machines) ids.add(machine.island == null ? "none" : machine.island.id);
            return ids;
        }
    }

    /// An island as the engine keeps it: one list that all its members agree on.
    private static final class Shared {
        final String id;
        final List<Machine> members = new ArrayList<>();

        Shared(String id) {
            this.id = id;
        }
    }

    private static final class Machine {
        final World world;
        final int number;
        final int on;
        final Map<Machine, Integer> hearsOf = new HashMap<>();
        final Map<Machine, Integer> asked = new HashMap<>();
        final Map<Machine, Integer> answerAt = new HashMap<>();
        final Map<Machine, Said> heard = new HashMap<>();
        int since;
        int run;
        Shared island;
        Machine joining;
        int joinedAt;

        record Said(Claim claim, int at) {}

        Machine(World world, int number, int on) {
            this.world = world;
            this.number = number;
            this.on = on;
            this.since = on;
        }

        void step() {
            for (Machine other : List.copyOf(answerAt.keySet()))
                if (answerAt.get(other) <= world.now) {
                    answerAt.remove(other);
                    heard.put(other, new Said(other.claim(), world.now));
                }
            if (joining != null && joinedAt <= world.now) {
                if (joining.island != null) enter(joining.island);
                joining = null;
            }
            Plan plan = Coordination.decide(known());
            for (Candidate door : plan.ask()) {
                Machine other = world.machines.get(Integer.parseInt(door.host().substring(1)));
                asked.put(other, world.now);
                if (other.on > world.now) continue;
                other.heard.put(this, new Said(claim(), world.now));
                answerAt.put(other, world.now + world.random.nextInt(800));
            }
            if (joining != null) return;
            switch (plan.move()) {
                case Move.Found() -> {
                    world.founded++;
                    enter(new Shared("i" + number + "-" + world.now));
                }
                case Move.Join(var address, var _) -> join(address);
                case Move.Merge(var address, var _) -> {
                    island.members.remove(this);
                    island = null;
                    run++;
                    since = world.now;
                    join(address);
                }
                case Move.Stay() -> {}
                case Move.Wait(var _) -> {}
            }
        }

        private void join(String address) {
            joining = world.machines.get(Integer.parseInt(address.substring(1, address.indexOf(':'))));
            joinedAt = world.now + 500 + world.random.nextInt(3_000);
        }

        private void enter(Shared shared) {
            island = shared;
            shared.members.add(this);
            since = world.now;
        }

        Claim claim() {
            Optional<Island> seen = Optional.ofNullable(island).map(shared -> {
                Set<String> all = new HashSet<>();
                for (Machine member : shared.members) all.add("n" + member.number + ":7444#" + member.run);
                Machine oldest = shared.members.getFirst();
                return new Island(shared.id, all.size(), "n" + oldest.number + ":7444#" + oldest.run, all);
            });
            return new Claim(
                    new NodeId("%016x".formatted(number + 1)),
                    new NodeName("n" + number),
                    "lab",
                    "n" + number + ":7444",
                    String.valueOf(run),
                    new Candidate("n" + number, 7443),
                    seen);
        }

        private Knowledge known() {
            Map<Candidate, Asked> candidates = new HashMap<>();
            int newest = on;
            for (Map.Entry<Machine, Integer> other : hearsOf.entrySet()) {
                if (other.getValue() > world.now) continue;
                newest = Math.max(newest, other.getValue());
                Machine machine = other.getKey();
                if (island != null && island.members.contains(machine)) continue;
                Integer at = asked.get(machine);
                Said said = heard.get(machine);
                candidates.put(
                        machine.claim().door(),
                        at == null
                                ? Asked.NEVER
                                : new Asked(
                                        false,
                                        said == null || said.at < at ? 1 : 0,
                                        Optional.of(Duration.ofMillis(world.now - at)),
                                        answerAt.containsKey(machine)));
            }
            Map<String, Heard> claims = new HashMap<>();
            heard.values().stream()
                    .sorted(Comparator.comparingInt(Said::at))
                    .forEach(said -> claims.put(
                            said.claim.address(),
                            new Heard(said.claim, Duration.ofMillis(world.now - said.at), Duration.ZERO)));
            return new Knowledge(
                    claim(),
                    Duration.ofMillis(world.now - since),
                    world.now - on < 4_000,
                    Duration.ofMillis(world.now - newest),
                    Optional.empty(),
                    candidates,
                    claims);
        }
    }
}
