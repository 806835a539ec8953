package org.carrel.simulate;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.domain.app.Audience;
import org.carrel.domain.idle.IdleRule;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.UserId;

/// The catalogue of the simulated cluster: app 0 is small and leaves files, app 1 is twice as large and leaves none.
final class Apps {
    private static final List<App> ALL = List.of(app("small", 1), app("large", 2));

    private Apps() {}

    static App of(int number) {
        return ALL.get(number);
    }

    static App of(AppId id) {
        return ALL.stream().filter(app -> app.id().equals(id)).findFirst().orElseThrow();
    }

    static boolean leavesFiles(AppId app) {
        return app.equals(ALL.getFirst().id());
    }

    static SessionKey key(int user, int app) {
        return new SessionKey(new UserId("u" + user), of(app).id(), SessionKey.DEFAULT_NAME);
    }

    private static App app(String id, int gib) {
        return new App(
                new AppId(id),
                new KindId("web"),
                id,
                "",
                Optional.empty(),
                List.of("true"),
                Map.of(),
                new Resources(500, gib * Host.GIB),
                Audience.EVERYBODY,
                IdleRule.DEFAULT,
                Duration.ofSeconds(20));
    }
}
