package org.carrel.cli;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.carrel.api.ApiClient;
import org.carrel.api.ApiWords;
import org.carrel.api.ForgetRequest;
import org.carrel.api.Json;
import org.carrel.api.NodeInfo;
import org.carrel.api.ShutOutInfo;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `carrel forget NODE`, and shutting machines out with it
@Command(
        name = "forget",
        description = {
            "Takes a machine that never comes back off every node's list.",
            "With --revoke it is shut out as well, at once and whether or not it is out of reach: no node lets it in any"
                    + " more. If it holds a copy of the cluster's key, make a new key: it could make itself another"
                    + " identity."
        },
        footer = {
            "",
            "Example:",
            "  carrel forget n3 --yes",
            "  carrel forget n3 --revoke",
            "  carrel forget --list",
            "  carrel forget n3 --undo"
        })
final class ForgetCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    Server server = new Server();

    @Parameters(
            paramLabel = "NODE",
            arity = "0..1",
            description = "Its name, as `carrel nodes` shows it; with --revoke and --undo also its id.")
    String name = "";

    @ArgGroup
    What what = new What();

    /// at most one of them
    static final class What {
        @Option(names = "--revoke", description = "Shut it out: no node lets it in any more.")
        boolean revoke;

        @Option(names = "--undo", description = "Let it in again.")
        boolean undo;

        @Option(names = "--list", description = "List the machines that are shut out.")
        boolean list;
    }

    @Option(names = "--yes", description = "Don't ask.")
    boolean yes;

    ForgetCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, Failure {
        if (what.list != name.isEmpty())
            throw new Failure(
                    Exit.USAGE, what.list ? "--list takes no NODE." : "Which machine? \"carrel nodes\" lists them.");
        if (!what.list && !name.matches("[a-z0-9-]{1,63}"))
            throw new Failure(Exit.USAGE, "\"" + Show.clean(name) + "\" is no name of a node.");
        ApiClient client = server.client(surroundings);
        if (what.list) list(client.list(ApiWords.SHUT_OUT, ShutOutInfo.class));
        else if (what.undo) undo(client.delete(ApiWords.SHUT_OUT + "/" + name, ShutOutInfo.class));
        else forget(client);
        return Exit.OK.code();
    }

    private void forget(ApiClient client) throws IOException, Failure {
        String question = what.revoke
                ? "Shut " + name + " out? No node lets it in any more, and who has sessions there loses them. [y/N] "
                : "Forget " + name + "? Sessions it may still be running are nobody's then. [y/N] ";
        if (surroundings.terminal() && !yes && !isYes(question))
            throw new Failure(Exit.FAILED, "Nothing was forgotten.");
        NodeInfo node = client.post(
                ApiWords.NODES + "/" + name + "/forget",
                new ForgetRequest(what.revoke ? Boolean.TRUE : null),
                NodeInfo.class);
        if (server.json) surroundings.out().println(Json.pretty(node));
        else if (!what.revoke) surroundings.out().println("Forgot " + Show.clean(node.name()) + ".");
        else {
            surroundings.out().println("Shut out " + Show.clean(node.name()) + ".");
            surroundings
                    .err()
                    .println("If it holds a copy of the cluster's key, make a new key for the others: it could make"
                            + " itself another identity.");
        }
    }

    private void undo(ShutOutInfo node) {
        if (server.json) surroundings.out().println(Json.pretty(node));
        else
            surroundings
                    .out()
                    .println("Let in again " + Show.clean(node.name())
                            + "; start Carrel there again, so that it joins.");
    }

    private void list(List<ShutOutInfo> out) {
        if (server.json) surroundings.out().println(Json.pretty(Map.of("items", out)));
        else
            Show.table(
                            List.of("NODE", "ID", "SINCE"),
                            out.stream()
                                    .map(one -> List.of(
                                            one.name(), one.id(), one.since().toString()))
                                    .toList(),
                            surroundings.colours())
                    .forEach(surroundings.out()::println);
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
