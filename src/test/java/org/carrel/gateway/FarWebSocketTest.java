package org.carrel.gateway;

import org.carrel.gateway.support.Stage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/// The same, with the sessions on another node: whoever carries can't tell which.
class FarWebSocketTest extends WebSocketTest {
    @BeforeAll
    static void elsewhere() {
        Stage.sessionsAre(Stage.Way.DOOR);
    }

    @AfterAll
    static void here() {
        Stage.sessionsAre(Stage.Way.NEAR);
    }
}
