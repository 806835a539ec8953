package org.carrel.cli;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import org.carrel.api.ApiWords;
import org.carrel.api.Json;
import org.carrel.api.NodeInfo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `carrel drain NODE` and `carrel undrain NODE`
abstract class DrainCommand implements Callable<Integer> {
    private final Surroundings surroundings;
    private final String word;
    private final String said;

    @Mixin
    Server server = new Server();

    @Parameters(paramLabel = "NODE", description = "Its name, as `carrel nodes` shows it.")
    String name = "";

    private DrainCommand(Surroundings surroundings, String word, String said) {
        this.surroundings = surroundings;
        this.word = word;
        this.said = said;
    }

    @Command(
            name = "drain",
            description = "No new sessions on a machine; the present ones go on. Kept over restarts.",
            footer = {"", "Example:", "  carrel drain n3"})
    static final class On extends DrainCommand {
        On(Surroundings surroundings) {
            super(surroundings, "drain", " takes no new sessions. When it is empty, it can be stopped.");
        }
    }

    @Command(
            name = "undrain",
            description = "New sessions on a drained machine again.",
            footer = {"", "Example:", "  carrel undrain n3"})
    static final class Off extends DrainCommand {
        Off(Surroundings surroundings) {
            super(surroundings, "undrain", " takes new sessions again.");
        }
    }

    @Override
    public Integer call() throws IOException, Failure {
        if (!name.matches("[a-z0-9-]{1,63}"))
            throw new Failure(Exit.USAGE, "\"" + Show.clean(name) + "\" is no name of a node.");
        NodeInfo node =
                server.client(surroundings).post(ApiWords.NODES + "/" + name + "/" + word, Map.of(), NodeInfo.class);
        if (server.json) surroundings.out().println(Json.pretty(node));
        else surroundings.out().println(Show.clean(node.name()) + said + (word.equals("drain") ? left(node) : ""));
        return Exit.OK.code();
    }

    private static String left(NodeInfo node) {
        return node.sessions() == 0 ? " It is empty." : " Sessions left: " + node.sessions() + ".";
    }
}
