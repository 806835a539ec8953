package org.carrel.main;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.carrel.config.Configuration;
import org.carrel.config.Settings;
import org.carrel.trust.ClusterKey;

/// Several nodes in one JVM, each with the parts, sockets, files and starter that `carrel up --config FILE` gives
/// it. For measurements of many nodes on a machine of few cores, where so many JVMs would be busy with compiling
/// alone. Without what hands a node over to a newer program.
public final class SeveralNodes {
    private SeveralNodes() {}

    private record Node(
            Settings settings, Configuration configuration, Launchers launchers, Optional<ClusterKey> clusterKey) {}

    /// Ends by a signal; sessions go on.
    /// @param files settings of each node
    public static void main(String[] files) throws Exception {
        Catalog plugIns = Catalog.ofThisMachine();
        List<Node> nodes = new ArrayList<>();
        for (String file : files) nodes.add(asRoot(Path.of(file), plugIns));
        // root is given up for the whole process
        nodes.getLast().launchers().giveUpRoot(nodes.getLast().settings());
        for (Node node : nodes)
            Station.open(node.settings(), node.configuration(), plugIns, node.launchers(), node.clusterKey(), List.of())
                    .gateway()
                    .accept();
        new CountDownLatch(1).await();
    }

    private static Node asRoot(Path file, Catalog plugIns) throws Exception {
        Configuration configuration = Configuration.here(Optional.of(file), Map.of(), plugIns.kindNames());
        if (!(configuration.load() instanceof Configuration.Loaded.Usable(var settings, var _)))
            throw new StartException("not usable: " + file);
        Launchers launchers = Launchers.begin(RootAhead.begin(), settings, Launchers.uids(settings.stateDirectory()));
        launchers.giveAway(settings);
        return new Node(settings, configuration, launchers, ClusterSide.key(settings));
    }
}
