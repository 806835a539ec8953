package org.carrel.gateway;

import org.carrel.gateway.support.Stage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/// The same, with the sessions on another node whose door is a path of a public listener.
class WebFarWebSocketTest extends WebSocketTest {
    @BeforeAll
    static void elsewhere() {
        Stage.sessionsAre(Stage.Way.WEB_DOOR);
    }

    @AfterAll
    static void here() {
        Stage.sessionsAre(Stage.Way.NEAR);
    }
}
