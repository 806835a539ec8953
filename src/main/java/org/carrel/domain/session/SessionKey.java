package org.carrel.domain.session;

import java.util.regex.Pattern;
import org.carrel.domain.Require;
import org.carrel.domain.app.AppId;
import org.carrel.domain.user.UserId;

/// At most one live session each. Never joined into one string, so that no two keys can collide.
/// @param name the user's own name for it, 1 to 40 of `a-z A-Z 0-9 _ . -`; `default` when not given
public record SessionKey(UserId owner, AppId app, String name) {
    public static final String DEFAULT_NAME = "default";
    private static final Pattern SHAPE = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,39}");

    public SessionKey {
        Require.matching(SHAPE, name, "the name of a session");
    }
}
