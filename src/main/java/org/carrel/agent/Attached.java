package org.carrel.agent;

import java.util.Optional;
import org.carrel.domain.app.App;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionKey;
import org.carrel.kind.KindDriver;
import org.carrel.port.View;

/// What is special about sessions in a server that runs already: an account has one on each machine, and where the
/// account's files are the same on all machines, one altogether, because two would write the same files.
final class Attached {
    private Attached() {}

    /// Why this one can't be begun on this node, with the next step.
    static Optional<String> obstacle(SessionKey key, App app, Optional<KindDriver> kind, View here) {
        if (app.attachment().isEmpty()) return Optional.empty();
        boolean sameFiles =
                app.where().files().orElse(kind.filter(KindDriver::keepsFiles).isPresent());
        if (sameFiles && !key.name().equals(SessionKey.DEFAULT_NAME))
            return Optional.of(app.title() + " has one session for each user, because their files are the same on all"
                    + " machines: open it without a name (files: false says that each machine has its own)");
        return here.sessions().values().stream()
                .filter(session -> isOther(session, key))
                .findFirst()
                .map(other -> "you have a session of " + app.title() + " on " + other.node() + " already (name "
                        + other.key().name() + "): it has one for each account");
    }

    private static boolean isOther(Session session, SessionKey key) {
        return session.state().isLive()
                && session.owner().equals(key.owner())
                && session.app().equals(key.app())
                && !session.key().equals(key);
    }
}
