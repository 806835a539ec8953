package org.carrel.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.carrel.domain.app.AppId;
import org.carrel.domain.session.End;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.UserId;
import org.carrel.http.RequestId;
import org.carrel.port.Audit;
import org.carrel.port.Audit.What;
import org.carrel.port.Begun;
import org.carrel.support.Await;
import org.carrel.support.FakeAgent;
import org.junit.jupiter.api.Test;

class SessionEntriesTest {
    private final FakeAgent agent = FakeAgent.withApps();
    private final List<Audit.Entry> noted = new CopyOnWriteArrayList<>();

    private SessionId begin(String name) throws Exception {
        SessionKey key = new SessionKey(new UserId("ada"), new AppId("faithful"), name);
        return ((Begun.Granted) agent.begin(key, new RequestId(name))).session().id();
    }

    @Test
    void each_start_and_each_end_is_noted_once_with_who_caused_it() throws Exception {
        SessionId adopted = begin("adopted");
        Instant opened = FakeAgent.NOW.plusSeconds(10);
        agent.at(opened.plusSeconds(10));
        try (var entries = new SessionEntries(agent, noted::add, () -> opened)) {
            SessionId fresh = begin("fresh");
            Await.until("the start is noted", () -> noted.size() == 1);
            agent.ready(fresh);
            agent.end(fresh, new End.Idle("nobody used it for 2 h"));
            Await.until("its end is noted", () -> noted.size() == 2);
            agent.end(adopted, new End.Stopped("admin"));
            Await.until("the other's end is noted", () -> noted.size() == 3);
        }
        assertThat(noted)
                .extracting(Audit.Entry::what)
                .containsExactly(What.SESSION_STARTED, What.SESSION_ENDED, What.SESSION_ENDED);
        assertThat(noted).extracting(Audit.Entry::who).containsExactly("ada", "culler", "admin");
        assertThat(noted.get(1).outcome()).isEqualTo("stopped because nobody used it for 2 h");
        assertThat(noted.get(2).more()).containsEntry("owner", "ada").containsEntry("session", adopted.value());
    }
}
