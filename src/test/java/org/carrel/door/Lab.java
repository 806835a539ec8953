package org.carrel.door;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.carrel.domain.node.Metadata;
import org.carrel.port.Admission;
import org.carrel.port.Admission.Verdict;
import org.carrel.port.Views;
import org.carrel.support.FakeAgent;
import org.carrel.trust.ClusterKey;
import org.carrel.trust.ClusterName;
import org.carrel.trust.Role;
import org.carrel.trust.Trust;

/// A cluster's key and its nodes, on this machine.
final class Lab implements AutoCloseable {
    static final Set<Role> BOTH = Set.of(Role.AGENT, Role.GATEWAY);

    private final Path directory;
    private final Path key;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    Lab(Path directory) throws IOException {
        this.directory = directory;
        this.key = directory.resolve("key");
        ClusterKey.make(key, new ClusterName("lab"), InstantSource.system().instant());
    }

    Trust node(String name, Set<Role> roles) throws IOException {
        return keep(Trust.open(key, directory.resolve(name), roles, InstantSource.system()));
    }

    Door door(Trust node, DoorLimits limits, Admission admission, Views views, Calls calls) throws IOException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return keep(Door.open(any, limits, node, admission, views, calls));
    }

    /// What a node answers about its sessions, and nothing else.
    Calls sessionsOf(Trust node, FakeAgent agent) {
        return keep(new AgentCalls(
                node.node(),
                FakeAgent.NODE,
                agent,
                agent,
                knock -> new Verdict.Absent(),
                call -> Optional.empty(),
                change -> Metadata.NONE,
                (app, from) -> {
                    throw new IllegalArgumentException("no services here");
                }));
    }

    ScheduledExecutorService lookout() {
        return keep(Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().factory()));
    }

    <T extends AutoCloseable> T keep(T part) {
        opened.push(part);
        return part;
    }

    @Override
    public void close() throws Exception {
        while (!opened.isEmpty()) opened.pop().close();
    }
}
