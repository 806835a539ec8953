package org.carrel.main;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// A training run for the AOT cache: goes through everything a start goes through, with nothing that outlives it.
@Command(name = "warm", hidden = true)
final class WarmCommand implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
        return 0;
    }
}
