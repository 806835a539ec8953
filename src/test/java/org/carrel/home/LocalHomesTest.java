package org.carrel.home;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.carrel.domain.app.AppId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.place.Home;
import org.carrel.domain.place.HomeBook;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.UserId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalHomesTest {
    private static final NodeName N1 = new NodeName("n1");
    private static final NodeName N2 = new NodeName("n2");
    private static final UserId ADA = new UserId("ada");
    private static final SessionKey NOTEBOOK = new SessionKey(ADA, new AppId("notebook"), "default");
    private static final SessionKey PLOT = new SessionKey(ADA, new AppId("plot"), "default");

    @TempDir
    Path directory;

    private LocalHomes open(NodeName name, boolean copied) throws Exception {
        return LocalHomes.open(directory, name, copied, app -> app.value().equals("notebook"));
    }

    @Test
    void the_first_session_with_files_makes_a_home_that_outlives_a_restart() throws Exception {
        LocalHomes homes = open(N1, false);
        homes.began(PLOT);
        assertThat(homes.of(NOTEBOOK)).isEqualTo(new Home.Local(Optional.empty()));
        homes.began(NOTEBOOK);
        assertThat(homes.of(NOTEBOOK)).isEqualTo(new Home.Local(Optional.of(N1)));
        assertThat(open(N1, false).of(NOTEBOOK)).isEqualTo(new Home.Local(Optional.of(N1)));
        assertThat(homes.of(PLOT)).isEqualTo(Home.SHARED);
    }

    @Test
    void what_is_known_of_another_machine_is_known_after_a_restart_while_it_is_silent() throws Exception {
        open(N1, false).learn(HomeBook.EMPTY.with(ADA, new HomeBook.Entry(N2, 3)));
        LocalHomes again = open(N1, false);
        assertThat(again.of(NOTEBOOK)).isEqualTo(new Home.Local(Optional.of(N2)));
        assertThat(again.obstacle(NOTEBOOK).orElseThrow()).contains("the files of ada are on n2");
        assertThat(again.obstacle(PLOT)).isEmpty();
    }

    @Test
    void homes_go_with_a_new_name_but_not_with_a_copied_card() throws Exception {
        open(N1, false).began(NOTEBOOK);
        assertThat(open(N2, true).of(NOTEBOOK)).isEqualTo(new Home.Local(Optional.of(N1)));
        open(N1, true);
        assertThat(open(N2, false).of(NOTEBOOK)).isEqualTo(new Home.Local(Optional.of(N2)));
    }

    @Test
    void a_damaged_line_costs_no_other() throws Exception {
        LocalHomes homes = open(N1, false);
        homes.began(NOTEBOOK);
        Files.writeString(
                directory.resolve("book"),
                "home bea n1\nhome ../x n1 1\nhome eve n1 0\n\u0000\nhome cy n2 1\n",
                StandardOpenOption.APPEND);
        assertThat(open(N1, false).book().entries().keySet()).containsExactlyInAnyOrder(ADA, new UserId("cy"));
    }

    @Test
    void nothing_with_files_begins_while_they_leave() throws Exception {
        LocalHomes homes = open(N1, false);
        homes.began(NOTEBOOK);
        assertThat(homes.close(ADA, N2)).isTrue();
        assertThat(homes.close(ADA, N2)).isFalse();
        assertThat(homes.obstacle(NOTEBOOK).orElseThrow()).contains("on their way to n2");
        assertThat(homes.obstacle(PLOT)).isEmpty();
        homes.reopen(ADA);
        assertThat(homes.obstacle(NOTEBOOK)).isEmpty();
    }
}
