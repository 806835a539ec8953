package org.carrel.cli;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import org.carrel.api.ApiClient;
import org.carrel.api.ApiWords;
import org.carrel.api.Json;
import org.carrel.api.NodeInfo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `carrel forget NODE`
@Command(
        name = "forget",
        description = "Takes a machine that never comes back off every node's list.",
        footer = {"", "Example:", "  carrel forget n3 --yes"})
final class ForgetCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    Server server = new Server();

    @Parameters(paramLabel = "NODE", description = "Its name, as `carrel nodes` shows it.")
    String name = "";

    @Option(names = "--yes", description = "Don't ask.")
    boolean yes;

    ForgetCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, Failure {
        if (!name.matches("[a-z0-9-]{1,63}"))
            throw new Failure(Exit.USAGE, "\"" + Show.clean(name) + "\" is no name of a node.");
        ApiClient client = server.client(surroundings);
        String question = "Forget " + name + "? Sessions it may still be running are nobody's then. [y/N] ";
        if (surroundings.terminal() && !yes && !isYes(question))
            throw new Failure(Exit.FAILED, "Nothing was forgotten.");
        NodeInfo node = client.post(ApiWords.NODES + "/" + name + "/forget", Map.of(), NodeInfo.class);
        if (server.json) surroundings.out().println(Json.pretty(node));
        else surroundings.out().println("Forgot " + Show.clean(node.name()) + ".");
        return Exit.OK.code();
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
