package org.carrel.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import org.carrel.domain.app.AppId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.UserId;
import org.carrel.http.RequestId;
import org.carrel.port.Begun;
import org.carrel.port.Start;
import org.carrel.support.FakeAgent;
import org.junit.jupiter.api.Test;

class GatewayStartsTest {
    @Test
    void nothing_begins_on_a_node_that_is_no_gateway_by_its_certificate() throws Exception {
        FakeAgent agent = FakeAgent.withApps();
        AtomicBoolean gateway = new AtomicBoolean();
        GatewayStarts starts = new GatewayStarts(agent, gateway::get);
        SessionKey key = new SessionKey(new UserId("ada"), new AppId("faithful"), "default");
        Start start = Start.now(key, new RequestId("once"));
        assertThat(starts.start(start))
                .isInstanceOfSatisfying(
                        Begun.Impossible.class, why -> assertThat(why.why()).contains("ask one with the role gateway"));
        assertThat(agent.current().sessions()).isEmpty();
        gateway.set(true);
        assertThat(starts.start(start)).isInstanceOf(Begun.Granted.class);
    }
}
