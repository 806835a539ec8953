package org.carrel.main;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.carrel.auth.file.Users;
import org.carrel.config.Check;
import org.carrel.config.Configuration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "check",
        description = "Say everything about the settings without starting anything; 1 when they hold an error.",
        footer = {"", "Example:", "  carrel check /etc/carrel/carrel.yaml"})
final class CheckCommand implements Callable<Integer> {
    @Parameters(index = "0", arity = "0..1", paramLabel = "FILE", description = "Settings; default: the usual place.")
    private @Nullable Path file;

    @Override
    public Integer call() throws IOException {
        Catalog plugIns = Catalog.ofThisMachine();
        Check.Outcome outcome = Check.run(
                Configuration.here(Optional.ofNullable(file), Map.of(), plugIns.kindNames()),
                plugIns::obstacle,
                CheckCommand::faults);
        System.out.print(outcome.text());
        return outcome.exit();
    }

    private static List<Check.UsersFault> faults(Path users) {
        return Users.faultsOf(users).stream()
                .map(fault -> new Check.UsersFault(fault.line(), fault.what()))
                .toList();
    }
}
