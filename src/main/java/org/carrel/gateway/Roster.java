package org.carrel.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The client connections of one event loop; joining, leaving and going through them are cheap.
final class Roster {
    private final List<ClientConnection> members = new ArrayList<>();

    void join(ClientConnection connection) {
        connection.rosterPlace = members.size();
        members.add(connection);
    }

    void leave(ClientConnection connection) {
        int place = connection.rosterPlace;
        if (place < 0) return;
        ClientConnection last = members.removeLast();
        if (last != connection) {
            members.set(place, last);
            last.rosterPlace = place;
        }
        connection.rosterPlace = -1;
    }

    /// Members may leave while this goes on.
    void each(Consumer<ClientConnection> action) {
        for (int i = members.size() - 1; i >= 0; i--) if (i < members.size()) action.accept(members.get(i));
    }

    int size() {
        return members.size();
    }
}
