package org.carrel.control.page;

import java.util.Optional;
import java.util.Set;
import org.carrel.http.RequestHead;

/// What a browser is about when it asks for something.
final class Navigation {
    private static final Set<String> FROM_HERE = Set.of("same-origin", "none");

    private Navigation() {}

    /// Whether a person will look at the answer: it gets a page. Everything else gets problem+json.
    static boolean wantsPage(RequestHead head) {
        if (!head.method().equals("GET") && !head.method().equals("HEAD")) return false;
        if (head.header("Upgrade").isPresent()
                || head.header("X-Requested-With").isPresent()) return false;
        Optional<String> destination = head.header("Sec-Fetch-Dest");
        if (destination.isPresent()) return destination.get().equals("document");
        String accept = head.header("Accept").orElse("*/*");
        return accept.contains("text/html") || accept.contains("*/*");
    }

    /// Whether this may start something without asking: a top-level navigation from our own pages or from the
    /// address
    /// bar. Fetch Metadata decides; browsers don't send it to plain http on a network, there the Referer must
    /// not name
    /// somebody else, and a page must be asked for, which images, scripts and fetches don't.
    static boolean mayStart(RequestHead head) {
        if (!head.method().equals("GET") || !wantsPage(head)) return false;
        Optional<String> site = head.header("Sec-Fetch-Site");
        Optional<String> destination = head.header("Sec-Fetch-Dest");
        if (site.isPresent() || destination.isPresent())
            return site.filter(FROM_HERE::contains).isPresent()
                    && head.header("Sec-Fetch-Mode").orElse("navigate").equals("navigate");
        if (!head.header("Accept").orElse("").contains("text/html")) return false;
        String own = head.scheme() + "://" + head.authority() + "/";
        return head.header("Referer").map(it -> it.startsWith(own)).orElse(true);
    }

    /// Whether another site led here.
    static boolean fromElsewhere(RequestHead head) {
        Optional<String> site = head.header("Sec-Fetch-Site");
        return site.isPresent() && !FROM_HERE.contains(site.get());
    }

    /// path and query, as sent
    static String target(RequestHead head) {
        return head.path() + (head.query().isEmpty() ? "" : "?" + head.query());
    }
}
