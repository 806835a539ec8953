package org.carrel.main;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The program's entry.
@Command(
        name = "carrel",
        mixinStandardHelpOptions = true,
        subcommands = {UpCommand.class, DemoCommand.class, WarmCommand.class})
public final class Main {
    private Main() {}

    static void main(String[] args) {
        System.exit(new CommandLine(new Main()).execute(args));
    }
}
