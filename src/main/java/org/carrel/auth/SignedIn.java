package org.carrel.auth;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import org.carrel.domain.app.AppId;
import org.carrel.domain.route.Origin;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.UserId;

/// What a cookie of ours says, once its signature held. As text: the fields joined by `|`, which occurs in none of
/// them.
/// @param login   one sign-in, 256 random bits; kept when a cookie is renewed, revoked on sign-out
/// @param stamp   of the account when it signed in
/// @param began   when the password was given
/// @param issued  when this cookie was made
/// @param whose   origin the cookie is for
/// @param origin  that origin, or `""`
record SignedIn(
        UserId user,
        String login,
        String stamp,
        Instant began,
        Instant issued,
        Instant expires,
        Origin whose,
        String origin) {
    /// no session's id begins so
    private static final String SERVICE = "@";

    String text() {
        return String.join(
                "|",
                user.value(),
                login,
                stamp,
                Long.toString(began.getEpochSecond()),
                Long.toString(issued.getEpochSecond()),
                Long.toString(expires.getEpochSecond()),
                word(whose),
                origin);
    }

    private static String word(Origin whose) {
        return switch (whose) {
            case Origin.OfPortal() -> "";
            case Origin.OfSession(var id) -> id.value();
            case Origin.OfService(var app) -> SERVICE + app;
        };
    }

    private static Origin whose(String word) {
        if (word.isEmpty()) return Origin.PORTAL;
        return word.startsWith(SERVICE)
                ? new Origin.OfService(new AppId(word.substring(SERVICE.length())))
                : new Origin.OfSession(new SessionId(word));
    }

    /// @return empty when it was written by a version that wrote otherwise
    static Optional<SignedIn> parse(String text) {
        String[] parts = text.split("\\|", -1);
        if (parts.length != 8) return Optional.empty();
        try {
            return Optional.of(new SignedIn(
                    new UserId(parts[0]),
                    parts[1],
                    parts[2],
                    Instant.ofEpochSecond(Long.parseLong(parts[3])),
                    Instant.ofEpochSecond(Long.parseLong(parts[4])),
                    Instant.ofEpochSecond(Long.parseLong(parts[5])),
                    whose(parts[6]),
                    parts[7]));
        } catch (IllegalArgumentException | DateTimeException _) {
            return Optional.empty();
        }
    }
}
