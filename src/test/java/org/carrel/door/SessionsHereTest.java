package org.carrel.door;

import org.carrel.port.Sessions;

class SessionsHereTest extends SessionsContract {
    @Override
    Sessions sessions() {
        return agent;
    }
}
