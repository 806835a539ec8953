package org.carrel.port;

import java.util.List;
import java.util.Optional;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;

/// The apps of the moment; changes without restart.
public interface Catalogue {
    List<Entry> entries();

    default Optional<Entry> find(AppId id) {
        return entries().stream().filter(entry -> entry.app().id().equals(id)).findFirst();
    }

    /// @param obstacle why it can't be started here, with the next step; empty when it can
    record Entry(App app, Optional<String> obstacle) {}
}
