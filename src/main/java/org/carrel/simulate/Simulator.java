package org.carrel.simulate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/// Runs scenarios, and makes a failing one as small as it can.
public final class Simulator {
    /// @param events      steps in them
    /// @param clusterTime microseconds that passed in them
    /// @param found       the first one in which something didn't hold
    public record Report(long scenarios, long events, long clusterTime, Optional<Finding> found) {
        static final Report NONE = new Report(0, 0, 0, Optional.empty());

        public double hours() {
            return clusterTime / 3.6e9;
        }

        Report plus(Report other) {
            return new Report(
                    scenarios + other.scenarios,
                    events + other.events,
                    clusterTime + other.clusterTime,
                    found.or(other::found));
        }
    }

    /// @param inputs  of the scenario that was found
    /// @param fewest  of what is left when everything is taken out that isn't needed
    /// @param trace   the last steps of the small one
    public record Finding(long seed, String violation, int inputs, List<String> fewest, List<String> trace) {
        @Override
        public String toString() {
            return "seed " + seed + ": " + violation + "\n" + fewest.size() + " of " + inputs
                    + " inputs are enough:\n  " + String.join("\n  ", fewest) + "\nthe end of it:\n  "
                    + String.join("\n  ", trace);
        }
    }

    private static final int TRACE_LINES = 60;
    private static final int SHRINK_RUNS = 400;
    /// Scenarios between two questions whether it is enough.
    private static final int BATCH = 50;
    /// Every so many scenarios one is run again.
    private static final int AGAIN = 50;

    private Simulator() {}

    /// Runs the scenarios of the seeds from `first` until `enough` says so, or one is found.
    public static Report run(long first, Enough enough) {
        Report sum = Report.NONE;
        while (sum.found().isEmpty() && !enough.isReached(sum.scenarios(), sum.hours()))
            sum = sum.plus(LongStream.range(first + sum.scenarios(), first + sum.scenarios() + BATCH)
                    .parallel()
                    .mapToObj(Simulator::run)
                    .reduce(Report.NONE, Report::plus));
        return sum;
    }

    /// What the scenario of this seed breaks.
    public static Optional<String> brokenBy(long seed) {
        return run(new World(Scenarios.of(seed))).map(Violation::sentence);
    }

    private static Report run(long seed) {
        Scenario scenario = Scenarios.of(seed);
        World world = new World(scenario);
        Optional<Violation> violation = run(world);
        if (violation.isEmpty() && seed % AGAIN == 0) violation = runAgain(scenario, world);
        return new Report(1, world.events(), world.agenda.now(), violation.map(broken -> finding(scenario, broken)));
    }

    /// When to stop.
    public interface Enough {
        boolean isReached(long scenarios, double hours);
    }

    private static Optional<Violation> run(World world) {
        try {
            world.run();
            return Optional.empty();
        } catch (Violation violation) {
            return Optional.of(violation);
        } catch (RuntimeException broken) {
            return Optional.of(new Violation("bug", broken + " at " + broken.getStackTrace()[0]));
        }
    }

    private static Optional<Violation> runAgain(Scenario scenario, World before) {
        World again = new World(scenario);
        Optional<Violation> violation = run(again);
        if (violation.isPresent() || again.fingerprint() == before.fingerprint()) return violation;
        return Optional.of(new Violation("P11", "the same inputs took another course"));
    }

    private static Finding finding(Scenario scenario, Violation violation) {
        Scenario small = shrunk(scenario, violation.rule());
        List<String> trace = new ArrayList<>();
        Optional<Violation> last = run(new World(small, trace::add));
        return new Finding(
                scenario.seed(),
                last.map(Violation::sentence).orElse(violation.sentence()),
                scenario.inputs().size(),
                small.inputs().stream().map(Input::toString).toList(),
                trace.subList(Math.max(0, trace.size() - TRACE_LINES), trace.size()));
    }

    /// Takes out ever smaller parts of the inputs, as long as the same rule is broken ("delta debugging": Zeller,
    /// Hildebrandt, 2002).
    private static Scenario shrunk(Scenario scenario, String rule) {
        Scenario small = scenario;
        int runs = 0;
        for (int part = Math.max(1, small.inputs().size() / 2); part >= 1 && runs < SHRINK_RUNS; ) {
            boolean smaller = false;
            for (int from = 0; from < small.inputs().size() && runs < SHRINK_RUNS; ) {
                List<Input> fewer = new ArrayList<>(small.inputs());
                fewer.subList(from, Math.min(fewer.size(), from + part)).clear();
                runs++;
                Scenario candidate = small.with(fewer);
                if (run(new World(candidate))
                        .filter(found -> found.rule().equals(rule))
                        .isPresent()) {
                    small = candidate;
                    smaller = true;
                } else from += part;
            }
            if (part == 1 && !smaller) break;
            part = smaller && part == 1 ? 1 : part / 2;
        }
        return small;
    }
}
