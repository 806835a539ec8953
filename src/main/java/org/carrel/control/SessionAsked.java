package org.carrel.control;

import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionKey;
import org.carrel.port.Audit.Entry;
import org.carrel.port.Audit.What;
import org.carrel.port.Begun;

/// What the audit log says of somebody who asked for a session, by a page or by the REST interface.
public final class SessionAsked {
    private SessionAsked() {}

    public static Entry entry(SessionKey key, Begun begun) {
        return switch (begun) {
            case Begun.Granted(var session) -> about(session, "granted");
            case Begun.Existing(var session) -> about(session, "existing");
            case Begun.Full(var shortage, var retryAfter) -> refused(key, "full: " + shortage);
            case Begun.Waiting(var why, var again) -> refused(key, "waits: " + why.word());
            case Begun.Draining() -> refused(key, "draining");
            case Begun.Impossible(var why) -> refused(key, "impossible: " + why);
        };
    }

    private static Entry about(Session session, String outcome) {
        return Entry.of(What.SESSION_ASKED, session.owner(), outcome)
                .with("session", session.id())
                .with("app", session.app());
    }

    private static Entry refused(SessionKey key, String why) {
        return Entry.of(What.SESSION_ASKED, key.owner(), why).with("app", key.app());
    }
}
