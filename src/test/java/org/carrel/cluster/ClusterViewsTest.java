package org.carrel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.node.NodeName;
import org.carrel.http.Feed;
import org.carrel.port.OtherNode;
import org.carrel.port.OtherNode.State;
import org.carrel.port.View;
import org.carrel.port.ViewBoard;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClusterViewsTest {
    private static final NodeName N2 = new NodeName("n2");

    private final ViewBoard agent = new ViewBoard();
    private final ClusterViews views = new ClusterViews(agent);

    @AfterEach
    void close() {
        views.close();
        agent.close();
    }

    @Test
    void the_agents_view_comes_through_with_the_others_in_it() throws Exception {
        views.others(Map.of(N2, node(State.UP, 0.1)));
        agent.publish(view(7));
        assertThat(await(7 + 1).others()).containsKey(N2);
    }

    @Test
    void what_was_known_of_the_others_stays_when_membership_is_gone() throws Exception {
        views.others(Map.of(N2, node(State.UP, 0.1)));
        agent.publish(view(1));
        agent.publish(view(2));
        assertThat(await(2 + 1).others().get(N2)).isEqualTo(node(State.UP, 0.1));
    }

    @Test
    void a_changed_state_is_news_and_a_changed_phi_is_not() {
        views.others(Map.of(N2, node(State.UP, 0.1)));
        long version = views.current().version();
        views.others(Map.of(N2, node(State.UP, 0.2)));
        assertThat(views.current().version()).isEqualTo(version);
        assertThat(views.current().others().get(N2).phi().orElseThrow().value()).isEqualTo(0.2);
        views.others(Map.of(N2, node(State.SUSPECT, 0.2)));
        assertThat(views.current().version()).isGreaterThan(version);
    }

    private View await(long version) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        try (Feed<View> feed = views.follow()) {
            View view = views.current();
            while (view.version() < version && System.nanoTime() < deadline)
                view = feed.next(Duration.ofSeconds(1)).orElse(view);
            return view;
        }
    }

    private static View view(long version) {
        return new View(version, Map.of(), Map.of(), List.of());
    }

    private static OtherNode node(State state, double phi) {
        return new OtherNode(
                new NodeId("0000000000000002"),
                N2,
                "10.0.0.2:7444",
                state,
                Optional.of(new OtherNode.Phi(phi, 8, Duration.ZERO)),
                Optional.empty());
    }
}
