package org.carrel.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
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

    /// @param more  commands of other rooms by name, each with `@Command`; shown first
    /// @param words of the command line
    /// @return the exit code
    public static int execute(Surroundings surroundings, Map<String, Supplier<Object>> more, String... words) {
        Map<String, Supplier<Object>> all = new LinkedHashMap<>(more);
        all.put("apps", () -> new AppsCommand(surroundings));
        all.put("start", () -> new StartCommand(surroundings));
        all.put("sessions", () -> new SessionsCommand(surroundings));
        all.put("logs", () -> new LogsCommand(surroundings));
        all.put("stop", () -> new StopCommand(surroundings));
        all.put("nodes", () -> new NodesCommand(surroundings));
        all.put("drain", () -> new DrainCommand.On(surroundings));
        all.put("undrain", () -> new DrainCommand.Off(surroundings));
        all.put("launch", () -> new LaunchCommand(surroundings));
        all.put("meta", () -> new MetaCommand(surroundings));
        all.put("forget", () -> new ForgetCommand(surroundings));
        all.put("home", () -> new HomeCommand(surroundings));
        all.put("invite", () -> new InviteCommand(surroundings));
        all.put("token", () -> new TokenCommand(surroundings));
        // reading a command's annotations takes 15 ms, so only the one that is named first is read
        if (words.length > 0 && all.containsKey(words[0])) all.keySet().retainAll(Set.of(words[0]));
        return line(surroundings, all).execute(words);
    }

    private static CommandLine line(Surroundings surroundings, Map<String, Supplier<Object>> commands) {
        CommandLine line = new CommandLine(new CarrelCommand(surroundings));
        commands.forEach((name, command) -> line.addSubcommand(name, command.get()));
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
