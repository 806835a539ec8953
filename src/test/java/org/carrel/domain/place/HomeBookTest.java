package org.carrel.domain.place;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.user.UserId;
import org.junit.jupiter.api.Test;

class HomeBookTest {
    private static final UserId ADA = new UserId("ada");
    private static final NodeName N1 = new NodeName("n1");
    private static final NodeName N2 = new NodeName("n2");

    @Test
    void a_later_move_wins_whichever_is_heard_first() {
        HomeBook first = HomeBook.EMPTY.with(ADA, HomeBook.EMPTY.next(ADA, N2));
        HomeBook moved = first.with(ADA, first.next(ADA, N1));
        assertThat(first.of(ADA)).contains(N2);
        assertThat(moved.of(ADA)).contains(N1);
        assertThat(first.with(moved)).isEqualTo(moved);
        assertThat(moved.with(first)).isSameAs(moved);
    }

    @Test
    void of_two_homes_made_in_ignorance_all_choose_the_same() {
        HomeBook here = HomeBook.EMPTY.with(ADA, HomeBook.EMPTY.next(ADA, N1));
        HomeBook there = HomeBook.EMPTY.with(ADA, HomeBook.EMPTY.next(ADA, N2));
        assertThat(here.with(there)).isEqualTo(there.with(here));
        assertThat(here.digest()).isNotEqualTo(there.digest());
        assertThat(here.with(there).digest()).isEqualTo(there.with(here).digest());
    }

    @Test
    void whatever_way_the_books_go_round_they_come_to_say_the_same() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            List<HomeBook> said = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                Map<UserId, HomeBook.Entry> entries = new HashMap<>();
                for (int j = random.nextInt(5); j > 0; j--)
                    entries.put(
                            new UserId("u" + random.nextInt(4)),
                            new HomeBook.Entry(new NodeName("n" + random.nextInt(3)), 1 + random.nextInt(3)));
                said.add(new HomeBook(entries));
            }
            HomeBook one = all(said);
            Collections.shuffle(said, random);
            HomeBook other = all(said);
            assertThat(other).as("seed %d", seed).isEqualTo(one);
            assertThat(other.digest()).isEqualTo(one.digest());
        }
    }

    private static HomeBook all(List<HomeBook> books) {
        HomeBook all = HomeBook.EMPTY;
        for (HomeBook book : books) all = all.with(book).with(all);
        return all;
    }

    @Test
    void it_holds_no_more_than_its_bound() {
        Map<UserId, HomeBook.Entry> many = new HashMap<>();
        for (int i = 0; i < HomeBook.MOST + 5; i++) many.put(new UserId("u" + i), new HomeBook.Entry(N1, 1));
        assertThat(HomeBook.EMPTY.with(new HomeBook(many)).entries()).hasSize(HomeBook.MOST);
        assertThatThrownBy(() -> new HomeBook.Entry(N1, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
