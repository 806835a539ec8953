package org.carrel.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.carrel.api.ApiClient;
import org.carrel.api.ApiWords;
import org.carrel.api.Json;
import org.carrel.api.MetadataInfo;
import org.carrel.api.MetadataRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `carrel meta`
@Command(
        name = "meta",
        description = {
            "What a machine was told to remember: lists it, sets entries, removes entries.",
            "Kept on that machine's disk and shown by every other. No place for secrets."
        },
        footer = {
            "",
            "Example:",
            "  carrel meta n3 rack=b2 owner=lab-7",
            "  carrel meta n3 --remove rack",
            "  carrel meta n3"
        })
final class MetaCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    Server server = new Server();

    @Parameters(index = "0", paramLabel = "NODE", description = "Its name, as `carrel nodes` shows it.")
    String name = "";

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "KEY=VALUE",
            description = "To be set. Keys are 1 to 64 of a-z 0-9 . _ -, values up to 256 characters.")
    List<String> entries = new ArrayList<>();

    @Option(names = "--remove", paramLabel = "KEY", description = "To be removed; may be given several times.")
    List<String> removed = new ArrayList<>();

    MetaCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, Failure {
        if (!name.matches("[a-z0-9-]{1,63}"))
            throw new Failure(Exit.USAGE, "\"" + Show.clean(name) + "\" is no name of a node.");
        Map<String, String> set = set();
        String path = ApiWords.NODES + "/" + name + "/metadata";
        ApiClient client = server.client(surroundings);
        MetadataInfo now = set.isEmpty() && removed.isEmpty()
                ? client.get(path, MetadataInfo.class)
                : client.post(path, new MetadataRequest(set, removed), MetadataInfo.class);
        if (server.json) surroundings.out().println(Json.pretty(now));
        else if (now.metadata().isEmpty()) surroundings.out().println(Show.clean(now.node()) + " remembers nothing.");
        else
            new TreeMap<>(now.metadata())
                    .forEach((key, value) -> surroundings.out().println(Show.clean(key + "=" + value)));
        return Exit.OK.code();
    }

    private Map<String, String> set() throws Failure {
        Map<String, String> set = new LinkedHashMap<>();
        for (String entry : entries) {
            int equals = entry.indexOf('=');
            if (equals < 1)
                throw new Failure(
                        Exit.USAGE, "\"" + Show.clean(entry) + "\" is not KEY=VALUE; to remove: --remove KEY");
            set.put(entry.substring(0, equals), entry.substring(equals + 1));
        }
        return set;
    }
}
