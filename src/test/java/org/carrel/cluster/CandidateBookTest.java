package org.carrel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.member.Claim;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.node.NodeName;
import org.junit.jupiter.api.Test;

class CandidateBookTest {
    private static final Candidate NAMED = new Candidate("named", 7443);
    private static final Candidate KNOWN = new Candidate("known", 7443);
    private static final Candidate PROVED = new Candidate("proved", 7443);

    private final CandidateBook book = new CandidateBook();

    @Test
    void strangers_by_the_thousand_push_out_only_each_other() {
        book.name(List.of(NAMED));
        book.remember(List.of(KNOWN));
        book.hearOf(PROVED);
        book.asking(PROVED);
        book.answered(PROVED, Optional.of(claim(PROVED)));
        for (int i = 0; i < 10_000; i++) book.hearOf(new Candidate("fake" + i, 7443));
        assertThat(book.candidates(Set.of()))
                .hasSize(CandidateBook.STRANGERS_MOST + 3)
                .containsKeys(NAMED, KNOWN, PROVED, new Candidate("fake9999", 7443));
        assertThat(book.turnedAway()).isEqualTo(10_000 - CandidateBook.STRANGERS_MOST);
    }

    @Test
    void an_answer_is_written_down_silence_is_counted() {
        book.name(List.of(NAMED, KNOWN));
        book.asking(NAMED);
        assertThat(book.candidates(Set.of()).get(NAMED).pending()).isTrue();
        book.answered(NAMED, Optional.empty());
        book.asking(NAMED);
        book.answered(NAMED, Optional.empty());
        assertThat(book.candidates(Set.of()).get(NAMED).silences()).isEqualTo(2);
        book.asking(NAMED);
        book.answered(NAMED, Optional.of(claim(NAMED)));
        assertThat(book.candidates(Set.of()).get(NAMED).silences()).isZero();
        assertThat(book.heard()).containsOnlyKeys("named:7444");
    }

    @Test
    void who_asks_is_a_candidate_from_then_on() {
        book.asked(claim(PROVED));
        assertThat(book.candidates(Set.of())).containsOnlyKeys(PROVED);
        assertThat(book.heard()).containsOnlyKeys("proved:7444");
    }

    @Test
    void members_need_not_be_asked() {
        book.name(List.of(NAMED, KNOWN));
        assertThat(book.candidates(Set.of(NAMED))).containsOnlyKeys(KNOWN);
    }

    private static Claim claim(Candidate door) {
        return new Claim(
                new NodeId("%016x".formatted(door.host().hashCode() & 0xffff)),
                new NodeName(door.host()),
                "test",
                door.host() + ":7444",
                "1",
                door,
                Optional.empty());
    }
}
