package org.carrel.cli;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.carrel.api.ApiClient;
import org.carrel.api.ApiWords;
import org.carrel.api.HomeInfo;
import org.carrel.api.HomeMoveRequest;
import org.carrel.api.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `carrel home [USER]` and `carrel home move USER NODE`
@Command(
        name = "home",
        description = {
            "Shows on which machine users' files are, where every machine has its own,",
            "and moves them: copied, checked, and only then the other machine is the home."
        },
        footer = {
            "",
            "Examples:",
            "  carrel home",
            "  carrel home ada",
            "  carrel home move ada n2",
            "",
            "The copy that was left is kept on the old machine, beside the homes, as .aside.USER.TIME."
        })
final class HomeCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    Server server = new Server();

    @Parameters(paramLabel = "[USER | move USER NODE]", arity = "0..3", description = "Nothing: all homes.")
    List<String> words = List.of();

    @Option(
            names = "--without-files",
            description = "Leave the files where they are: for a machine that is gone. The new home begins empty.")
    boolean withoutFiles;

    @Option(names = "--yes", description = "Don't ask.")
    boolean yes;

    HomeCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, Failure, InterruptedException {
        ApiClient client = server.client(surroundings);
        if (words.isEmpty()) return list(client);
        if (words.size() == 1) return show(client.get(path(words.getFirst()), HomeInfo.class));
        if (words.size() == 3 && words.getFirst().equals("move")) return move(client, words.get(1), words.get(2));
        throw new Failure(Exit.USAGE, "say carrel home, carrel home USER, or carrel home move USER NODE");
    }

    private static String path(String user) throws Failure {
        if (!user.matches("[a-z_][a-z0-9_.@-]{0,63}"))
            throw new Failure(Exit.USAGE, "\"" + Show.clean(user) + "\" is no user's name.");
        return ApiWords.HOMES + "/" + user;
    }

    private int list(ApiClient client) throws IOException {
        List<HomeInfo> homes = client.list(ApiWords.HOMES, HomeInfo.class);
        if (server.json) surroundings.out().println(Json.pretty(Map.of("items", homes)));
        else if (homes.isEmpty()) surroundings.err().println("Nobody has files on any machine yet, or all share them.");
        else
            Show.table(
                            List.of("USER", "NODE"),
                            homes.stream()
                                    .map(home -> List.of(
                                            Show.clean(home.user()),
                                            Show.clean(Objects.requireNonNullElse(home.node(), "-"))))
                                    .toList(),
                            surroundings.colours())
                    .forEach(surroundings.out()::println);
        return Exit.OK.code();
    }

    private int show(HomeInfo home) {
        if (server.json) surroundings.out().println(Json.pretty(home));
        else
            surroundings
                    .out()
                    .println(
                            home.node() == null
                                    ? Show.clean(home.user())
                                            + " has no files on any machine yet, or all machines share them."
                                    : "The files of " + Show.clean(home.user()) + " are on " + Show.clean(home.node())
                                            + ".");
        return Exit.OK.code();
    }

    private int move(ApiClient client, String user, String to) throws IOException, Failure, InterruptedException {
        String question = "Leave the files of " + Show.clean(user) + " behind, and begin with an empty home on "
                + Show.clean(to) + "? [y/N] ";
        if (withoutFiles && surroundings.terminal() && !yes && !isYes(question))
            throw new Failure(Exit.FAILED, "Nothing was moved.");
        HomeInfo home = client.post(path(user) + "/move", new HomeMoveRequest(to, !withoutFiles), HomeInfo.class);
        String said = "";
        while (state(home).equals("copying")) {
            String now = "Copying: " + bytes(home) + ".";
            if (!now.equals(said) && !server.json) surroundings.err().println(now);
            said = now;
            TimeUnit.MILLISECONDS.sleep(500);
            home = client.get(path(user), HomeInfo.class);
        }
        if (server.json) surroundings.out().println(Json.pretty(home));
        if (!state(home).equals("done"))
            throw new Failure(
                    Exit.FAILED,
                    "The files stay where they were: "
                            + Show.clean(Objects.requireNonNullElse(home.moveProblem(), "no cause was given")));
        if (!server.json)
            surroundings
                    .out()
                    .println("The files of " + Show.clean(user) + " are on " + Show.clean(to) + " now (" + bytes(home)
                            + ").");
        return Exit.OK.code();
    }

    private static String state(HomeInfo home) throws Failure {
        String state = home.moveState();
        if (state == null)
            throw new Failure(Exit.FAILED, "It can't be seen how far it is; look at carrel home " + home.user());
        return state;
    }

    private static String bytes(HomeInfo home) {
        return Show.bytes(Objects.requireNonNullElse(home.moveBytes(), 0L));
    }

    private boolean isYes(String question) {
        return surroundings
                .ask()
                .apply(question)
                .map(String::strip)
                .filter(answer -> answer.equalsIgnoreCase("y") || answer.equalsIgnoreCase("yes"))
                .isPresent();
    }
}
