package org.carrel.place;

import static org.assertj.core.api.Assertions.assertThat;
import static org.carrel.place.PlaceLab.now;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.place.HomeBook;
import org.carrel.domain.place.Stage;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.UserId;
import org.carrel.home.LocalHomes;
import org.carrel.http.RequestId;
import org.carrel.port.Begun;
import org.carrel.port.Homes;
import org.carrel.port.Start;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Where every machine has its own homes.
class PlacementsHomesTest {
    private static final UserId ADA = new UserId("ada");

    @TempDir
    Path directory;

    private Homes homes(NodeName name) {
        try {
            return LocalHomes.open(directory.resolve(name.value()), name, false, app -> true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Session session(Begun answer) {
        return switch (answer) {
            case Begun.Granted(var session) -> session;
            case Begun.Existing(var session) -> session;
            default -> throw new AssertionError(answer);
        };
    }

    private static SessionKey key(String name) {
        return new SessionKey(ADA, PlaceLab.DESK, name);
    }

    private static void tell(PlaceLab.Node node, NodeName home, long version) {
        ((LocalHomes) node.homes).learn(HomeBook.EMPTY.with(ADA, new HomeBook.Entry(home, version)));
    }

    @Test
    void sessions_with_files_go_where_the_files_are_or_wait_for_that_machine() throws Exception {
        try (PlaceLab lab = new PlaceLab(this::homes, 4, 4, 4)) {
            NodeName home =
                    session(lab.node(1).placements.start(now("ada", "t1"))).node();
            PlaceLab.Node there = lab.nodes.stream()
                    .filter(node -> node.name.equals(home))
                    .findFirst()
                    .orElseThrow();
            PlaceLab.Node other =
                    lab.nodes.stream().filter(node -> node != there).findFirst().orElseThrow();
            for (PlaceLab.Node node : lab.nodes) tell(node, home, 1);
            lab.gossip();
            for (int i = 0; i < 3; i++)
                assertThat(session(lab.nodes.get(i).placements.start(Start.now(key("k" + i), new RequestId("t2" + i))))
                                .node())
                        .isEqualTo(home);

            there.drain();
            lab.gossip();
            Start waits = new Start(key("later"), new RequestId("t3"), Optional.empty(), false, true);
            assertThat(other.placements.start(waits))
                    .isInstanceOfSatisfying(
                            Begun.Waiting.class,
                            waiting ->
                                    assertThat(waiting.why()).isEqualTo(new Stage.HomeAway(home, "is being drained")));
            // nobody else has to do with it
            assertThat(session(other.placements.start(now("ben", "t4"))).node()).isNotEqualTo(home);
        }
    }

    @Test
    void who_has_no_files_yet_does_not_wait_for_a_full_machine() throws Exception {
        try (PlaceLab lab = new PlaceLab(this::homes, 1, 1, 1)) {
            for (String user : new String[] {"ada", "ben", "cy"}) {
                session(lab.node(1).placements.start(now(user, "t" + user)));
                lab.gossip();
            }
            for (PlaceLab.Node node : lab.nodes) assertThat(node.live()).hasSize(1);
        }
    }

    @Test
    void a_node_refuses_what_belongs_to_files_elsewhere_though_the_asker_does_not_know() throws Exception {
        try (PlaceLab lab = new PlaceLab(this::homes, 4, 4)) {
            tell(lab.node(1), lab.node(2).name, 2);
            tell(lab.node(2), lab.node(1).name, 1);
            assertThat(lab.node(2).placements.start(now("ada", "t1")))
                    .isInstanceOfSatisfying(
                            Begun.Impossible.class, no -> assertThat(no.why()).contains("the files of ada are on n2"));
            assertThat(lab.live()).isEmpty();
        }
    }
}
