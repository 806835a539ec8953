package org.carrel.auth;

import java.time.Duration;
import java.util.Optional;
import org.carrel.http.Header;
import org.carrel.http.RequestHead;

/// Reads and writes our cookies. On https their names begin with `__Host-`, so that no other host can set them.
public final class Cookies {
    public static final String PORTAL = "carrel_portal";
    public static final String SESSION = "carrel_session";
    public static final String VERIFIER = "carrel_verifier";
    private static final String HOST_ONLY = "__Host-";

    private Cookies() {}

    public sealed interface Found {
        record One(String value) implements Found {}

        record None() implements Found {}

        /// Two of one name: somebody set one beside ours. Neither is believed.
        record Several() implements Found {}

        default Optional<String> one() {
            return this instanceof One(var value) ? Optional.of(value) : Optional.empty();
        }
    }

    /// @param scheme `https` or `http`, as the browser sees it
    public static String nameOn(String scheme, String name) {
        return scheme.equals("https") ? HOST_ONLY + name : name;
    }

    public static Found find(RequestHead head, String name) {
        String wanted = nameOn(head.scheme(), name);
        Optional<String> found = Optional.empty();
        for (String header : head.headers("Cookie")) {
            int at = 0;
            while (at < header.length()) {
                int end = header.indexOf(';', at);
                if (end < 0) end = header.length();
                int equals = header.indexOf('=', at);
                if (equals > 0
                        && equals < end
                        && header.substring(at, equals).strip().equals(wanted)) {
                    if (found.isPresent()) return new Found.Several();
                    found = Optional.of(header.substring(equals + 1, end).strip());
                }
                at = end + 1;
            }
        }
        return found.<Found>map(Found.One::new).orElseGet(Found.None::new);
    }

    /// HttpOnly, SameSite=Lax, for this host only.
    public static Header set(String scheme, String name, String value, Duration life) {
        String attributes = "; Path=/; Max-Age=" + life.toSeconds() + "; HttpOnly; SameSite=Lax";
        return new Header(
                "Set-Cookie",
                nameOn(scheme, name) + "=" + value + attributes + (scheme.equals("https") ? "; Secure" : ""));
    }

    public static Header clear(String scheme, String name) {
        return set(scheme, name, "", Duration.ZERO);
    }
}
