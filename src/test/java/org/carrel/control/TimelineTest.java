package org.carrel.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.api.HappenedInfo;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.port.NodeFacts;
import org.carrel.port.OtherNode;
import org.carrel.port.View;
import org.carrel.port.ViewBoard;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TimelineTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final NodeFolding FOLDING =
            new NodeFolding(new NodeFolding.Own(() -> Set.of("agent"), Map.of(), Set::of));

    private final ViewBoard board = new ViewBoard();
    private Instant now = NOW;
    private final Timeline timeline = new Timeline(board, FOLDING, () -> now);

    @AfterEach
    void close() {
        timeline.close();
        board.close();
    }

    private static OtherNode other(String name, OtherNode.State state, Instant since, String version) {
        NodeFacts facts = new NodeFacts(
                new NodeName(name),
                version,
                since,
                new Capacity(Resources.NONE, 4, 1),
                Resources.NONE,
                0,
                0,
                0,
                false,
                0,
                0,
                0,
                0,
                "");
        return new OtherNode(
                new NodeId("0000000000000001"),
                new NodeName(name),
                "10.0.0.1:7444",
                state,
                Optional.empty(),
                Optional.of(new OtherNode.Hint(
                        facts,
                        new Candidate("10.0.0.1", 7443),
                        Map.of(),
                        Set.of(),
                        List.of(),
                        0,
                        Map.of(),
                        Set.of("gateway"),
                        "",
                        NOW)));
    }

    private void sees(OtherNode... others) {
        now = now.plus(Duration.ofSeconds(1));
        Map<NodeName, OtherNode> byName = new java.util.HashMap<>();
        for (OtherNode other : others) byName.put(other.name(), other);
        timeline.take(new View(1, Map.of(), Map.of(), List.of(), byName));
    }

    private List<String> words() {
        List<String> words = new ArrayList<>();
        for (HappenedInfo it : timeline.happened())
            words.addFirst(it.node() + " " + it.what() + " "
                    + Optional.ofNullable(it.state())
                            .or(() -> Optional.ofNullable(it.version()))
                            .orElse(""));
        return words;
    }

    @Test
    void what_happens_to_nodes_is_kept_newest_first() {
        sees(other("n1", OtherNode.State.UP, NOW, "1"));
        sees(other("n1", OtherNode.State.UP, NOW, "1"));
        sees(other("n1", OtherNode.State.UNREACHABLE, NOW, "1"));
        sees(other("n1", OtherNode.State.UP, NOW, "1"));
        sees(other("n1", OtherNode.State.UP, NOW.plusSeconds(60), "2"));
        sees();
        assertThat(words())
                .containsExactly(
                        "n1 seen up",
                        "n1 became unreachable",
                        "n1 became up",
                        "n1 restarted ",
                        "n1 version 2",
                        "n1 gone ");
        assertThat(timeline.happened().getFirst().time())
                .isAfter(timeline.happened().getLast().time());
    }

    @Test
    void a_flapping_machine_does_not_fill_the_memory() {
        for (int i = 0; i < Timeline.MOST; i++) {
            sees(other("n1", OtherNode.State.UP, NOW, "1"));
            sees(other("n1", OtherNode.State.SUSPECT, NOW, "1"));
        }
        assertThat(timeline.happened()).hasSize(Timeline.MOST);
    }
}
