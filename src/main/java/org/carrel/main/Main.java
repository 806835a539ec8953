package org.carrel.main;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.carrel.cli.CarrelCommand;
import org.carrel.cli.Surroundings;

/// The program's entry: commands that start something, from here; commands that ask a running Carrel, from `cli`.
public final class Main {
    private Main() {}

    static void main(String[] args) {
        System.exit(CarrelCommand.execute(Surroundings.ofThisProcess(UpgradeCommand::localSockets), starting(), args));
    }

    static Map<String, Supplier<Object>> starting() {
        Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
        commands.put("up", UpCommand::new);
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
