package org.carrel.face.picluster;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.carrel.domain.node.Metadata;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.session.ServiceKeys;
import org.carrel.domain.session.SessionState;
import org.carrel.port.NodeFacts;
import org.carrel.port.OtherNode;
import org.carrel.port.View;
import org.carrel.port.Views;

/// The nodes that answer, as the older cluster showed them.
public final class Neighbourhood {
    static final String WORKS = "works.";
    static final String ON = "on";

    private final Views views;
    private final Supplier<String> ownAddress;

    /// @param ownAddress under which the other nodes reach this one
    public Neighbourhood(Views views, Supplier<String> ownAddress) {
        this.views = views;
        this.ownAddress = ownAddress;
    }

    /// @param services in alphabetical order
    record Seen(String ip, Load load, List<String> services) {}

    /// @param cpu and ram in percent of the whole machine
    record Load(
            double cpu,
            double ram,
            @JsonProperty("load_averages") List<Double> loadAverages) {}

    /// By address. Those that are silent, or have said nothing yet, aren't among them.
    List<Seen> seen() {
        View view = views.current();
        List<Seen> seen = new ArrayList<>();
        for (NodeFacts facts : view.nodes()) seen.add(seen(ownAddress(), facts, view));
        for (OtherNode other : view.others().values())
            if (answers(other.state()))
                other.hint().ifPresent(hint -> seen.add(seen(host(other.address()), hint.facts(), view)));
        seen.sort(Comparator.comparing(Seen::ip));
        return seen;
    }

    NodeName own() {
        return views.current().nodes().getFirst().name();
    }

    String ownAddress() {
        return ownAddress.get();
    }

    /// @param now what this node was told to remember
    List<String> ownServices(Metadata now) {
        return services(own(), now, views.current());
    }

    private static Seen seen(String ip, NodeFacts facts, View view) {
        double ram = facts.memoryTotalBytes() == 0 ? 0 : 100.0 * facts.memoryUsedBytes() / facts.memoryTotalBytes();
        return new Seen(
                ip,
                new Load(rounded(facts.cpuPercent()), rounded(ram), List.of(facts.load1())),
                services(facts.name(), facts.metadata(), view));
    }

    private static List<String> services(NodeName node, Metadata metadata, View view) {
        Set<String> services = new TreeSet<>();
        for (Map.Entry<String, String> entry : metadata.entries().entrySet())
            if (entry.getKey().startsWith(WORKS) && entry.getValue().equals(ON))
                services.add(entry.getKey().substring(WORKS.length()));
        view.sessions().values().stream()
                .filter(session -> ServiceKeys.isService(session.key()))
                .filter(session -> session.node().equals(node) && session.state() instanceof SessionState.Ready)
                .forEach(session -> services.add(session.app().value()));
        return List.copyOf(services);
    }

    private static boolean answers(OtherNode.State state) {
        return switch (state) {
            case JOINING, UP, DRAINING, LEAVING -> true;
            case SUSPECT, UNREACHABLE -> false;
        };
    }

    /// without the port, and without the brackets of IPv6
    private static String host(String address) {
        String host = address.substring(0, Math.max(0, address.lastIndexOf(':')));
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static double rounded(double percent) {
        return Math.round(percent * 10) / 10.0;
    }
}
