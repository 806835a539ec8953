package org.carrel.main;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.carrel.cli.CarrelCommand;
import org.carrel.cli.Surroundings;

/// The program's entry: commands that start something, from here; commands that ask a running Carrel, from `cli`.
public final class Main {
    private Main() {}

    static void main(String[] args) throws IOException {
        Optional<RootAhead> ahead = args.length > 0 && args[0].equals("up") ? RootAhead.begin() : Optional.empty();
        System.exit(
                CarrelCommand.execute(Surroundings.ofThisProcess(UpgradeCommand::localSockets), starting(ahead), args));
    }

    /// @param ahead of `up`
    static Map<String, Supplier<Object>> starting(Optional<RootAhead> ahead) {
        Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
        commands.put("up", () -> new UpCommand(ahead));
        commands.put("demo", DemoCommand::new);
        commands.put("upgrade", UpgradeCommand::new);
        commands.put("check", CheckCommand::new);
        commands.put("init", InitCommand::new);
        commands.put("join", JoinCommand::new);
        commands.put("service", ServiceCommand::new);
        commands.put("simulate", SimulateCommand::new);
        commands.put("warm", WarmCommand::new);
        return commands;
    }
}
