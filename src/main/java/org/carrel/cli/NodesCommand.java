package org.carrel.cli;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.carrel.api.ApiWords;
import org.carrel.api.Json;
import org.carrel.api.NodeInfo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `carrel nodes`
@Command(
        name = "nodes",
        description = "Lists the machines, as the one that is asked sees them.",
        footer = {"", "Example:", "  carrel nodes --json"})
final class NodesCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    Server server = new Server();

    NodesCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException {
        List<NodeInfo> nodes = server.client(surroundings).list(ApiWords.NODES, NodeInfo.class);
        if (server.json) surroundings.out().println(Json.pretty(Map.of("items", nodes)));
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
