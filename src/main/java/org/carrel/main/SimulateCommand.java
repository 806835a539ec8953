package org.carrel.main;

import java.util.concurrent.Callable;
import org.carrel.simulate.Burst;
import org.carrel.simulate.Simulate;
import org.carrel.simulate.Simulator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// For the curious: whole clusters with everything that goes wrong in them, in one thread of this process. The classes
/// that decide are those of the running program.
@Command(
        name = "simulate",
        description = "Runs simulated clusters in which machines die, networks break and users click twice, and says "
                + "whether anything that must hold was broken.")
final class SimulateCommand implements Callable<Integer> {
    @Option(names = "--seeds", defaultValue = "200", description = "How many clusters, 100 s each (default 200).")
    private int seeds;

    @Option(
            names = "--hours",
            defaultValue = "0",
            description =
                    "For so many hours of simulated time instead; 500 take a machine with 2 cores about ten minutes.")
    private double hours;

    @Option(names = "--first", defaultValue = "1", description = "The first seed. The same seed runs the same way.")
    private long first;

    @Option(names = "--table", description = "Compare ways to choose a machine instead.")
    private boolean table;

    @Override
    public Integer call() {
        if (table) {
            System.out.println(Burst.HEAD);
            Burst.table(20).forEach(System.out::println);
            return 0;
        }
        Simulator.Enough enough =
                hours > 0 ? (done, simulated) -> simulated >= hours : (done, simulated) -> done >= seeds;
        return Simulate.run(first, enough, System.out).isPresent() ? 1 : 0;
    }
}
