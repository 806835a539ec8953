package org.carrel.cli;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.carrel.api.ApiClient;
import org.carrel.api.ApiWords;
import org.carrel.api.Json;
import org.carrel.api.NodeInfo;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `carrel nodes`
@Command(
        name = "nodes",
        description = {
            "Lists the machines, as the one that is asked sees them.",
            "For Ansible: an inventory, once (--ansible) or asked anew each time (--list, --host). A two-line file makes it"
                    + " a dynamic inventory:",
            "  #!/bin/sh",
            "  exec carrel nodes \"$@\""
        },
        footer = {
            "",
            "Example:",
            "  carrel nodes --json",
            "  carrel nodes --ansible > carrel.yml && ansible -i carrel.yml carrel_up -m ping"
        })
final class NodesCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    Server server = new Server();

    @ArgGroup
    ForAnsible ansible = new ForAnsible();

    /// at most one of them
    static final class ForAnsible {
        @Option(names = "--ansible", description = "Print an inventory of Ansible, in YAML; as JSON with --json.")
        boolean inventory;

        @Option(names = "--list", description = "Print the JSON that Ansible wants of a dynamic inventory.")
        boolean list;

        @Option(names = "--host", paramLabel = "NODE", description = "Print what --list says of one node, as JSON.")
        Optional<String> host = Optional.empty();
    }

    NodesCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, Failure {
        ApiClient client = server.client(surroundings);
        List<NodeInfo> nodes = client.list(ApiWords.NODES, NodeInfo.class);
        if (ansible.inventory || ansible.list || ansible.host.isPresent())
            surroundings.out().print(inventory(nodes, client.isLocal()));
        else if (server.json) surroundings.out().println(Json.pretty(Map.of("items", nodes)));
        else
            Show.table(
                            List.of(
                                    "NODE",
                                    "STATE",
                                    "ADDRESS",
                                    "PHI",
                                    "HEARTBEAT",
                                    "SESSIONS",
                                    "CPU",
                                    "MEMORY",
                                    "LOAD",
                                    "VERSION"),
                            nodes.stream().map(NodesCommand::row).toList(),
                            surroundings.colours())
                    .forEach(surroundings.out()::println);
        return Exit.OK.code();
    }

    private String inventory(List<NodeInfo> nodes, boolean here) throws Failure {
        Inventory inventory;
        try {
            inventory = new Inventory(nodes, here);
        } catch (IllegalArgumentException unsafe) {
            throw new Failure(Exit.FAILED, "no inventory is made: " + unsafe.getMessage());
        }
        if (ansible.host.isPresent()) {
            String name = ansible.host.get();
            return line(inventory
                    .host(name)
                    .orElseThrow(() -> new Failure(
                            Exit.NOT_FOUND,
                            "there is no node \"" + Show.clean(name) + "\"; \"carrel nodes\" lists them")));
        }
        return ansible.list || server.json ? line(inventory.list()) : inventory.yaml();
    }

    private static String line(Map<String, Object> value) {
        return Json.pretty(value) + "\n";
    }

    private static List<String> row(NodeInfo node) {
        return List.of(
                node.name(),
                node.state(),
                Optional.ofNullable(node.address()).orElse("this one"),
                phi(node).orElse("-"),
                Optional.ofNullable(node.lastHeartbeatMs())
                        .map(millis -> Show.seconds(millis) + " ago")
                        .orElse("-"),
                node.sessions() + "/" + node.maxSessions(),
                String.format(Locale.ROOT, "%.0f %%", node.cpuPercent()),
                Show.bytes(node.memoryUsedBytes()) + "/" + Show.bytes(node.memoryTotalBytes()),
                String.format(Locale.ROOT, "%.2f", node.load1()),
                node.version().isEmpty() ? "-" : node.version());
    }

    private static Optional<String> phi(NodeInfo node) {
        Double threshold = node.phiThreshold();
        return Optional.ofNullable(node.phi())
                .map(phi -> String.format(Locale.ROOT, "%.1f/%.0f", phi, threshold == null ? 0 : threshold));
    }
}
