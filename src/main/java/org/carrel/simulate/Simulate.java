package org.carrel.simulate;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Optional;

/// Says in words what the simulator does: for `carrel simulate`, and for the check with planted bugs, which needs no
/// more than this room and `domain`.
public final class Simulate {
    private static final double SAY_AFTER = 50;

    private Simulate() {}

    /// `main(first seed, number of seeds)`: says what the first broken scenario broke, and exits with 1 when there is
    /// one.
    static void main(String[] args) {
        long first = Long.parseLong(args[0]);
        long seeds = Long.parseLong(args[1]);
        for (long seed = first; seed < first + seeds; seed++) {
            Optional<String> broken = Simulator.brokenBy(seed);
            if (broken.isEmpty()) continue;
            System.out.println("seed " + seed + ": " + broken.get());
            System.exit(1);
        }
        System.out.println(seeds + " clusters, nothing broken");
    }

    /// Says how far it is after every so many simulated hours, and at the end what came out.
    /// @return what was found
    public static Optional<Simulator.Finding> run(long first, Simulator.Enough enough, PrintStream out) {
        long began = System.nanoTime();
        double[] said = {0};
        Simulator.Report report = Simulator.run(first, (clusters, hours) -> {
            if (hours >= said[0] + SAY_AFTER) {
                said[0] = hours;
                out.printf(Locale.ROOT, "%d clusters, %.1f simulated hours so far%n", clusters, hours);
            }
            return enough.isReached(clusters, hours);
        });
        double seconds = (System.nanoTime() - began) / 1e9;
        out.printf(
                Locale.ROOT,
                "%d clusters (seeds %d to %d), %.1f simulated hours, %d steps in %.1f s (%.0f times as fast as time), "
                        + "violations: %d%n",
                report.scenarios(),
                first,
                first + report.scenarios() - 1,
                report.hours(),
                report.events(),
                seconds,
                report.hours() * 3600 / seconds,
                report.found().isPresent() ? 1 : 0);
        report.found().ifPresent(out::println);
        return report.found();
    }
}
