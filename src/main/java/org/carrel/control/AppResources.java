package org.carrel.control;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.carrel.api.ApiWords;
import org.carrel.api.AppInfo;
import org.carrel.api.Items;
import org.carrel.control.Route.Shape;
import org.carrel.domain.app.App;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.Principal;
import org.carrel.http.Answer;
import org.carrel.port.Catalogue;
import org.carrel.port.Catalogue.Entry;
import org.carrel.port.Sessions;

/// The catalogue, as far as the asker belongs to the audience of an app. Another app doesn't exist for them.
final class AppResources {
    private final Catalogue catalogue;
    private final Sessions sessions;

    AppResources(Catalogue catalogue, Sessions sessions) {
        this.catalogue = catalogue;
        this.sessions = sessions;
    }

    List<Route> routes() {
        return List.of(
                Route.get(ApiWords.APPS, "listApps", "The apps you may start")
                        .answers(200, new Shape.ListOf(AppInfo.class), "in the order of the catalogue")
                        .by(this::list),
                Route.get(ApiWords.APPS + "/{id}", "getApp", "One app")
                        .answers(200, new Shape.Record(AppInfo.class), "the app")
                        .fails(404, "no such app, or not for you")
                        .by(this::one));
    }

    /// @return the entry, when it exists and this asker belongs to its audience
    static Optional<Entry> entryFor(Principal asker, String id, Catalogue catalogue) {
        return catalogue.entries().stream()
                .filter(entry -> entry.app().id().value().equals(id))
                .filter(entry -> isFor(asker, entry.app()))
                .findFirst();
    }

    /// A service is nobody's to start.
    private static boolean isFor(Principal asker, App app) {
        return app.service().isEmpty() && app.audience().includes(asker);
    }

    private Answer list(Call call) {
        return Call.json(
                200,
                new Items<>(catalogue.entries().stream()
                        .filter(entry -> isFor(call.asker(), entry.app()))
                        .map(entry -> info(entry, call.asker()))
                        .toList()));
    }

    private Answer one(Call call) {
        return entryFor(call.asker(), call.name("id"), catalogue)
                .map(entry -> Call.json(200, info(entry, call.asker())))
                .orElseThrow(() -> call.refuse(404, "no such app; " + ApiWords.APPS + " lists yours"));
    }

    private AppInfo info(Entry entry, Principal asker) {
        App app = entry.app();
        Optional<Duration> usual = sessions.usualStart(new SessionKey(asker.user(), app.id(), SessionKey.DEFAULT_NAME));
        return new AppInfo(
                app.id().value(),
                app.kind().value(),
                app.title(),
                app.description(),
                "/app/" + app.id(),
                entry.obstacle().isEmpty(),
                entry.obstacle().orElse(null),
                usual.map(Duration::toMillis).orElse(null));
    }
}
