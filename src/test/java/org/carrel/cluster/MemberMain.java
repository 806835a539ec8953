package org.carrel.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import org.carrel.config.ClusterSettings;
import org.carrel.domain.app.AppId;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.place.Strategy;
import org.carrel.port.NodeFacts;
import org.carrel.port.OtherNode;
import org.carrel.port.View;
import org.carrel.port.ViewBoard;
import org.carrel.trust.Mutual;
import org.carrel.trust.Role;
import org.carrel.trust.Trust;

/// A node that is nothing but a member: what tests of several JVMs start. Prints a line whenever what it
/// sees changes: `<wall millis> <member or alone> <island> n2=up n3=unreachable …`. Ends with its
/// standard input.
///
/// Words: name, number, address, mdns (on or off), directory beside the cluster key's, doors to ask.
public final class MemberMain {
    private MemberMain() {}

    public static void main(String[] words) throws IOException, InterruptedException {
        NodeName name = new NodeName(words[0]);
        InetAddress address = InetAddress.ofLiteral(words[2]);
        List<Candidate> peers = new ArrayList<>();
        for (int i = 5; i < words.length; i++) peers.add(Candidate.of(words[i]));
        try (ViewBoard own = new ViewBoard();
                ClusterViews views = new ClusterViews(own);
                Trust trust = Trust.open(
                        Path.of(words[4]).resolveSibling("key"),
                        Path.of(words[4]),
                        Set.of(Role.AGENT),
                        InstantSource.system());
                DirectProbes probes = DirectProbes.listen(address, Candidate.DOOR_PORT)) {
            own.publish(view(name));
            Membership membership = Membership.open(new Membership.Parts(
                    new Membership.Self(trust.node(), name, Candidate.DOOR_PORT),
                    new ClusterSettings(
                            "test",
                            Path.of("/"),
                            Optional.of(address),
                            Candidate.DOOR_PORT,
                            ClusterSettings.PORT,
                            peers,
                            Optional.empty(),
                            words[3].equals("on") ? ClusterSettings.Mdns.ON : ClusterSettings.Mdns.OFF,
                            Strategy.SPREAD),
                    new Callsigns(new byte[32]),
                    Path.of(words[4]),
                    own,
                    views,
                    () -> new Membership.Offer(Map.of("of", name.value()), Set.of(new AppId("hello")), Set.of(), ""),
                    probes,
                    Optional.of(engines(trust.mutual(Role.ALL))),
                    InstantSource.system()));
            probes.answerBy(membership);
            Thread.ofPlatform().daemon().start(() -> tell(membership, views));
            listen(membership);
            membership.close();
        }
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

    /// `forget NODE` is the only order; the end of the input ends the node.
    private static void listen(Membership membership) throws IOException {
        byte[] line = new byte[256];
        int count;
        while ((count = System.in.read(line)) >= 0) {
            String order = new String(line, 0, count, StandardCharsets.UTF_8).strip();
            if (order.startsWith("forget "))
                System.out.println("forgot "
                        + membership
                                .forget(new NodeName(order.substring(7)))
                                .getClass()
                                .getSimpleName());
        }
    }

    private static void tell(Membership membership, ClusterViews views) {
        String last = "";
        try {
            while (true) {
                String now = seen(membership, views);
                if (!now.equals(last)) System.out.println(System.currentTimeMillis() + " " + now);
                last = now;
                TimeUnit.MILLISECONDS.sleep(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String seen(Membership membership, ClusterViews views) {
        Map<String, String> all = new TreeMap<>();
        for (OtherNode node : views.current().others().values())
            all.put(node.name().value(), node.state().word() + (node.hint().isPresent() ? "" : "?"));
        StringBuilder text = new StringBuilder(membership.isMember() ? "member" : "alone");
        text.append(' ').append(membership.island().isEmpty() ? "-" : membership.island());
        all.forEach((name, state) -> text.append(' ').append(name).append('=').append(state));
        return text.toString();
    }

    private static View view(NodeName name) {
        NodeFacts facts = new NodeFacts(
                name,
                "test",
                InstantSource.system().instant(),
                new Capacity(new Resources(4000, 8L << 30), 10, 2),
                Resources.NONE,
                0,
                0,
                0,
                false,
                1,
                1,
                2,
                0.5,
                "none");
        return new View(1, Map.of(), Map.of(), List.of(facts));
    }
}
