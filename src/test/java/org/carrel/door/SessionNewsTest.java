package org.carrel.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import org.carrel.domain.app.AppId;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.session.SessionState.Reserved;
import org.carrel.domain.user.UserId;
import org.carrel.port.View;
import org.carrel.port.ViewBoard;
import org.junit.jupiter.api.Test;

class SessionNewsTest {
    private static final Duration AT_ONCE = Duration.ZERO;
    private static final Duration LONG = Duration.ofSeconds(30);

    private final ViewBoard board = new ViewBoard();
    private final SessionNews news = new SessionNews(board);
    private final Map<SessionId, Session> sessions = new HashMap<>();
    private long version;

    private static SessionId id(int number) {
        String digits = String.format("%016d", number);
        return new SessionId(digits.chars()
                .mapToObj(digit -> String.valueOf((char) (digit - '0' + 'a')))
                .collect(Collectors.joining()));
    }

    private void put(int number, int ahead) {
        SessionKey key = new SessionKey(new UserId("ada"), new AppId("iris"), "n" + number);
        Instant then = Instant.ofEpochSecond(1_000_000);
        sessions.put(
                id(number),
                new Session(
                        id(number),
                        key,
                        new KindId("shiny"),
                        new Resources(1000, 1 << 20),
                        new NodeName("one"),
                        then,
                        new Reserved(then, ahead)));
    }

    private void publish() {
        board.publish(new View(++version, Map.copyOf(sessions), Map.of(), List.of()));
    }

    private static List<SessionId> changed(SessionNews.Since since) {
        return since.changed().stream()
                .map(Session::id)
                .sorted((a, b) -> a.value().compareTo(b.value()))
                .toList();
    }

    @Test
    void all_at_first_then_what_changed_came_and_went() throws Exception {
        put(1, 1);
        put(2, 1);
        put(3, 1);
        publish();
        SessionNews.Since first = news.after(null, AT_ONCE);
        assertThat(first.whole()).isTrue();
        assertThat(changed(first)).containsExactly(id(1), id(2), id(3));
        put(2, 0);
        put(4, 0);
        sessions.remove(id(3));
        publish();
        SessionNews.Since second = news.after(first.mark(), AT_ONCE);
        assertThat(second.whole()).isFalse();
        assertThat(changed(second)).containsExactly(id(2), id(4));
        assertThat(second.gone()).containsExactly(id(3));
        SessionNews.Since third = news.after(second.mark(), AT_ONCE);
        assertThat(third.tells()).isFalse();
        assertThat(third.mark()).isEqualTo(second.mark());
    }

    @Test
    void one_that_comes_back_is_told_as_there() throws Exception {
        put(1, 1);
        publish();
        String mark = news.after(null, AT_ONCE).mark();
        Session one = sessions.remove(id(1));
        publish();
        news.after(mark, AT_ONCE);
        sessions.put(id(1), one);
        publish();
        SessionNews.Since since = news.after(mark, AT_ONCE);
        assertThat(since.gone()).containsExactly(id(1));
        assertThat(changed(since)).containsExactly(id(1)); // who reads them in this order has it
    }

    @Test
    void a_mark_of_another_life_from_the_future_or_of_no_sense_gets_the_whole_list() throws Exception {
        put(1, 1);
        publish();
        String mine = news.after(null, AT_ONCE).mark();
        String other = new SessionNews(board).after(null, AT_ONCE).mark();
        for (String mark : List.of(other, mine + "0", mine + "x", mine.replaceAll("-.*", "-"), "", "-", "1", "-1-1"))
            assertThat(news.after(mark, AT_ONCE))
                    .as(mark)
                    .satisfies(since -> assertThat(since.whole()).isTrue())
                    .satisfies(since -> assertThat(changed(since)).containsExactly(id(1)));
    }

    @Test
    void who_was_away_while_more_went_than_is_kept_gets_the_whole_list() throws Exception {
        for (int number = 0; number <= SessionNews.GONE_MOST; number++) put(number, 1);
        publish();
        String before = news.after(null, AT_ONCE).mark();
        sessions.remove(id(0));
        publish();
        String between = news.after(before, AT_ONCE).mark();
        for (int number = 1; number <= SessionNews.GONE_MOST; number++) sessions.remove(id(number));
        publish();
        assertThat(news.after(before, AT_ONCE).whole()).isTrue();
        SessionNews.Since late = news.after(between, AT_ONCE);
        assertThat(late.whole()).isFalse();
        assertThat(late.gone()).hasSize(SessionNews.GONE_MOST);
    }

    @Test
    void waits_for_sessions_and_not_for_other_news() throws Exception {
        publish();
        String mark = news.after(null, AT_ONCE).mark();
        FutureTask<SessionNews.Since> waiting = new FutureTask<>(() -> news.after(mark, LONG));
        Thread.ofVirtual().start(waiting);
        publish(); // a drain, say: another version with the same sessions
        put(1, 0);
        publish();
        assertThat(changed(waiting.get())).containsExactly(id(1));
        assertThat(news.after(news.after(null, AT_ONCE).mark(), AT_ONCE).tells())
                .isFalse();
    }
}
