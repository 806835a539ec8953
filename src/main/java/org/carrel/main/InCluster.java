package org.carrel.main;

import java.io.IOException;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import org.carrel.agent.Agent;
import org.carrel.cluster.Callsigns;
import org.carrel.cluster.ClusterViews;
import org.carrel.cluster.Membership;
import org.carrel.cluster.TlsEngines;
import org.carrel.config.ClusterSettings;
import org.carrel.config.Settings;
import org.carrel.domain.app.AppId;
import org.carrel.domain.node.NodeName;
import org.carrel.port.Catalogue;
import org.carrel.port.Members;
import org.carrel.port.OtherNode;
import org.carrel.telemetry.Metrics;
import org.carrel.trust.Mutual;
import org.carrel.trust.Role;
import org.carrel.trust.ShutOutList;
import org.carrel.trust.Trust;

/// This node's membership: opened last, closed first. Nothing else waits for it.
final class InCluster implements Members, AutoCloseable {
    private final Membership membership;
    private final Runnable watch;

    static InCluster open(
            ClusterSide side,
            Settings settings,
            Agent agent,
            Catalogue catalogue,
            HomeSide homes,
            Metrics metrics,
            InstantSource time)
            throws IOException {
        Trust trust = side.trust();
        ClusterSettings cluster =
                settings.cluster().named(trust.cluster().value()).asking(side.issuers());
        Membership membership = Membership.open(new Membership.Parts(
                new Membership.Self(trust.node(), settings.node().name(), cluster.door()),
                cluster,
                new Callsigns(trust.derive("callsigns")),
                Launchers.membershipDirectory(settings),
                agent,
                side.wide(),
                () -> new Membership.Offer(
                        settings.node().labels(), startable(catalogue), words(trust.roles()), homes.digest()),
                side.probes(),
                Optional.of(engines(trust.mutual(Role.ALL))),
                time));
        side.claimsBy(membership);
        measure(metrics, membership, side.wide());
        return new InCluster(membership, trust.shutOut());
    }

    private InCluster(Membership membership, ShutOutList shutOut) {
        this.membership = membership;
        watch = shutOut.watch(() -> membership.expel(shutOut::isOut));
    }

    private static void measure(Metrics metrics, Membership membership, ClusterViews wide) {
        for (OtherNode.State state : OtherNode.State.values())
            metrics.gauge(
                    "carrel_cluster_nodes",
                    "Other nodes as this one sees them",
                    Map.of("state", state.word()),
                    () -> wide.current().others().values().stream()
                            .filter(node -> node.state() == state)
                            .count());
        metrics.gauge("carrel_cluster_member", "1 for a member", Map.of(), () -> membership.isMember() ? 1 : 0);
        metrics.counter(
                "carrel_cluster_candidates_passed_over",
                "Names on the network and candidates beyond the bounds",
                Map.of(),
                membership::passedOver);
    }

    static Set<String> words(Set<Role> roles) {
        return roles.stream().map(Role::word).collect(Collectors.toSet());
    }

    static Set<AppId> startable(Catalogue catalogue) {
        return catalogue.entries().stream()
                .filter(entry -> entry.obstacle().isEmpty())
                .map(entry -> entry.app().id())
                .collect(Collectors.toSet());
    }

    private static TlsEngines.Source engines(Mutual mutual) {
        return new TlsEngines.Source() {
            @Override
            public SSLEngine engine(boolean client, String host, int port, BooleanSupplier isStale) {
                return mutual.engine(client, host, port, isStale);
            }

            @Override
            public boolean isTrusted(SSLSession session) {
                return mutual.peer(session).isPresent();
            }
        };
    }

    @Override
    public Forgot forget(NodeName name) {
        return membership.forget(name);
    }

    boolean isMember() {
        return membership.isMember();
    }

    /// Gives its place to another program of this node, without waiting.
    void abandon() {
        watch.run();
        membership.abandon();
    }

    @Override
    public void close() {
        watch.run();
        membership.close();
    }
}
