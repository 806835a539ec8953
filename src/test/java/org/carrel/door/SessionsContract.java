package org.carrel.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.carrel.domain.app.AppId;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.session.SessionState;
import org.carrel.domain.user.UserId;
import org.carrel.http.Feed;
import org.carrel.http.RequestId;
import org.carrel.port.Begun;
import org.carrel.port.Progress;
import org.carrel.port.Progress.Stage;
import org.carrel.port.Sessions;
import org.carrel.support.FakeAgent;
import org.junit.jupiter.api.Test;

/// What `Sessions` promises, wherever the node is that has them.
abstract class SessionsContract {
    private static final UserId ADA = new UserId("ada");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    final FakeAgent agent = FakeAgent.withApps();

    /// by which that agent's sessions are asked for
    abstract Sessions sessions();

    @Test
    void a_key_is_granted_once_and_then_found() throws Exception {
        Session granted = granted("faithful", "default");
        assertThat(granted.key()).isEqualTo(key("faithful", "default"));
        assertThat(granted.state()).isInstanceOf(SessionState.Reserved.class);
        assertThat(begin("faithful", "default"))
                .isInstanceOfSatisfying(
                        Begun.Existing.class,
                        found -> assertThat(found.session().id()).isEqualTo(granted.id()));
    }

    @Test
    void what_can_not_begin_says_why() throws Exception {
        assertThat(begin("counter", "default")).isEqualTo(new Begun.Impossible("R is missing; install r-base-core"));
        assertThat(begin("nothing", "default")).isInstanceOf(Begun.Impossible.class);
        for (int i = 0; i < 3; i++) granted("faithful", "n" + i);
        assertThat(begin("faithful", "one-more"))
                .isEqualTo(new Begun.Full("all 3 places are taken; stop one", Duration.ofSeconds(30)));
        sessions().drain(true);
        assertThat(begin("faithful", "one-more")).isEqualTo(new Begun.Draining());
    }

    @Test
    void a_start_is_watched_to_its_end() throws Exception {
        Session session = granted("faithful", "default");
        try (Feed<Progress> stages = sessions().watch(session.id())) {
            assertThat(stages.next(PATIENCE)).isPresent();
            agent.reach(session.id(), Stage.STARTING, 0);
            Progress last = Progress.at(Stage.RESERVED);
            agent.ready(session.id());
            for (Optional<Progress> next = stages.next(PATIENCE); next.isPresent(); next = stages.next(PATIENCE)) {
                last = next.get();
                if (last.stage() == Stage.READY) break;
            }
            assertThat(last).isEqualTo(Progress.at(Stage.READY));
            assertThat(stages.next(PATIENCE)).isEmpty();
            assertThat(stages.ended()).isTrue();
        }
    }

    @Test
    void a_session_is_extended_and_stopped_and_its_log_is_read() throws Exception {
        Session session = granted("faithful", "default");
        agent.ready(session.id());
        agent.print(session.id(), "one", "two", "three");
        assertThat(sessions().log(session.id(), 2)).isEqualTo(List.of("two", "three"));
        assertThat(sessions().extend(session.id(), ADA)).isPresent();
        assertThat(agent.extended()).containsExactly(ADA);
        End because = new End.Exited(3, List.of("last words"));
        assertThat(sessions().stop(session.id(), because).map(Session::state))
                .hasValueSatisfying(state -> assertThat(state)
                        .isInstanceOfSatisfying(
                                SessionState.Ended.class,
                                ended -> assertThat(ended.end()).isEqualTo(because)));
    }

    @Test
    void of_a_session_that_is_not_there_nothing_is_known() throws Exception {
        SessionId nobody = new SessionId("nobodynobodynobo");
        assertThat(sessions().stop(nobody, new End.Stopped("ada"))).isEmpty();
        assertThat(sessions().extend(nobody, ADA)).isEmpty();
        assertThat(sessions().log(nobody, 10)).isEmpty();
    }

    private Begun begin(String app, String name) throws InterruptedException {
        return sessions().begin(key(app, name), new RequestId("r-" + name));
    }

    private Session granted(String app, String name) throws InterruptedException {
        return ((Begun.Granted) begin(app, name)).session();
    }

    private static SessionKey key(String app, String name) {
        return new SessionKey(ADA, new AppId(app), name);
    }
}
