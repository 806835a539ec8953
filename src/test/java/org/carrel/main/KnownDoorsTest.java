package org.carrel.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.Metadata;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.port.NodeFacts;
import org.carrel.port.OtherNode;
import org.carrel.port.View;
import org.carrel.port.ViewBoard;
import org.junit.jupiter.api.Test;

class KnownDoorsTest {
    private static final Candidate NAMED = new Candidate("10.0.0.2", 7443);

    private final ViewBoard members = new ViewBoard();
    private final KnownDoors doors = new KnownDoors(List.of(), List.of(NAMED), members);

    @Test
    void the_named_ones_and_the_members_once_each() {
        members.publish(view(member("n2", "10.0.0.2", 7443), member("n3", "10.0.0.3", 7443)));
        assertThat(doors.doors()).containsExactlyInAnyOrder(address("10.0.0.2", 7443), address("10.0.0.3", 7443));
    }

    @Test
    void a_member_that_comes_goes_or_moves_is_known_with_the_next_look() {
        assertThat(doors.doors()).isEqualTo(List.of(address("10.0.0.2", 7443)));
        members.publish(view(member("n3", "10.0.0.3", 7443)));
        assertThat(doors.doors()).contains(address("10.0.0.3", 7443));
        members.publish(view(member("n3", "10.0.0.3", 7450)));
        assertThat(doors.doors()).contains(address("10.0.0.3", 7450)).doesNotContain(address("10.0.0.3", 7443));
        members.publish(view());
        assertThat(doors.doors()).isEqualTo(List.of(address("10.0.0.2", 7443)));
    }

    @Test
    void news_of_other_things_look_up_no_names() {
        members.publish(view(member("n3", "10.0.0.3", 7443)));
        List<SocketAddress> before = doors.doors();
        members.publish(view(member("n3", "10.0.0.3", 7443)));
        assertThat(doors.doors()).isSameAs(before);
    }

    @Test
    void a_name_that_nobody_knows_is_left_out() {
        KnownDoors named = new KnownDoors(List.of(), List.of(NAMED, new Candidate("no-such.invalid", 7443)), members);
        assertThat(named.doors()).isEqualTo(List.of(address("10.0.0.2", 7443)));
    }

    private static InetSocketAddress address(String host, int port) {
        return new InetSocketAddress(host, port);
    }

    private static View view(OtherNode... nodes) {
        Map<NodeName, OtherNode> others = new HashMap<>();
        for (OtherNode node : nodes) others.put(node.name(), node);
        return new View(1, Map.of(), Map.of(), List.of(), others);
    }

    private static OtherNode member(String name, String host, int port) {
        NodeFacts facts = new NodeFacts(
                new NodeName(name),
                "1",
                Instant.EPOCH,
                new Capacity(new Resources(1000, 1L << 30), 10, 1),
                new Resources(0, 0),
                0,
                0,
                0,
                false,
                1,
                1,
                1,
                1,
                "",
                Metadata.NONE);
        return new OtherNode(
                new NodeId("0000000000000003"),
                new NodeName(name),
                host + ":7444",
                OtherNode.State.UP,
                Optional.empty(),
                Optional.of(new OtherNode.Hint(
                        facts,
                        new Candidate(host, port),
                        Map.of(),
                        Set.of(),
                        List.of(),
                        0,
                        Map.of(),
                        Set.of(),
                        "",
                        Instant.EPOCH)));
    }
}
