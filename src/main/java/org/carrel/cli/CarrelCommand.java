package org.carrel.cli;

import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `carrel`: the root of the command line. `main` adds the commands that need more than the REST interface.
@Command(
        name = "carrel",
        description = "Your own R Shiny or Jupyter session on a machine, and never lose it.",
        mixinStandardHelpOptions = true,
        versionProvider = CarrelCommand.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Example:", "  carrel demo", "", "Help on a command: carrel COMMAND --help"})
public final class CarrelCommand implements Runnable {
    @Spec
    CommandSpec spec = CommandSpec.create();

    private final Surroundings surroundings;

    private CarrelCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /// @param more commands of other rooms, each with `@Command`; shown first
    /// @return ready to `execute`, which gives the exit code
    public static CommandLine line(Surroundings surroundings, List<Object> more) {
        CommandLine line = new CommandLine(new CarrelCommand(surroundings));
        for (Object command : more) line.addSubcommand(command);
        line.addSubcommand(new AppsCommand(surroundings))
                .addSubcommand(new StartCommand(surroundings))
                .addSubcommand(new SessionsCommand(surroundings))
                .addSubcommand(new LogsCommand(surroundings))
                .addSubcommand(new StopCommand(surroundings))
                .addSubcommand(new TokenCommand(surroundings));
        for (CommandLine command : line.getSubcommands().values()) describe(command);
        line.setOut(new PrintWriter(surroundings.out(), true));
        line.setErr(new PrintWriter(surroundings.err(), true));
        line.setColorScheme(CommandLine.Help.defaultColorScheme(
                surroundings.colours() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF));
        line.setParameterExceptionHandler((wrong, arguments) -> misused(wrong, surroundings));
        line.setExecutionExceptionHandler((thrown, command, parsed) -> failed(thrown, command, surroundings));
        return line;
    }

    @Override
    public void run() {
        spec.commandLine().usage(surroundings.out());
    }

    private static void describe(CommandLine command) {
        command.getCommandSpec().mixinStandardHelpOptions(true);
        command.getCommandSpec().usageMessage().exitCodeListHeading("%nExit codes:%n");
        command.getCommandSpec().usageMessage().exitCodeList(Exit.list());
        command.getCommandSpec().versionProvider(new Version());
    }

    private static int misused(CommandLine.ParameterException wrong, Surroundings surroundings) {
        String name = wrong.getCommandLine().getCommandSpec().qualifiedName();
        surroundings.err().println(wrong.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(wrong, surroundings.err());
        surroundings.err().println("Try: " + name + " --help");
        return Exit.USAGE.code();
    }

    private static int failed(Exception thrown, CommandLine command, Surroundings surroundings) {
        surroundings.err().println(Exit.sentence(thrown, server(command, surroundings)));
        if (surroundings
                .variable("CARREL_LOG_LEVEL")
                .filter("debug"::equalsIgnoreCase)
                .isPresent()) thrown.printStackTrace(surroundings.err());
        return Exit.of(thrown).code();
    }

    /// for messages, so it must not fail where the address itself is what is wrong
    private static String server(CommandLine command, Surroundings surroundings) {
        try {
            for (CommandSpec mixin : command.getCommandSpec().mixins().values())
                if (mixin.userObject() instanceof Server server)
                    return server.address(surroundings).text();
        } catch (IllegalArgumentException malformed) {
            return "its address";
        }
        return "its address";
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = CarrelCommand.class.getPackage().getImplementationVersion();
            return new String[] {"carrel " + (version == null ? "(built here)" : version)};
        }
    }
}
