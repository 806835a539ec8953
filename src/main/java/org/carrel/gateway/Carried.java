package org.carrel.gateway;

import java.util.Optional;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.route.Place;
import org.carrel.gateway.http1.RawRequest;

/// What has to be known of a request for as long as it is carried: its head is parsed over by the next one.
/// @param upgrade    the protocol it asks to switch to, or `""`
/// @param query      of a request that asks to switch, else `""`
/// @param head       `HEAD`: the answer has no body
/// @param document   a navigation: the answer is a page for people
/// @param repeatable doing it twice does no harm, and nothing of it is lost when it is sent again
/// @param hasBody    something follows its head
/// @param use        its user did it, not the page by itself
record Carried(
        String upgrade,
        String query,
        boolean head,
        boolean document,
        boolean repeatable,
        boolean http11,
        boolean hasBody,
        boolean use) {
    static Carried of(RawRequest request, Place.InSession place, Optional<ProxyRules.Polls> polls) {
        return new Carried(
                request.upgrade(),
                request.upgrade().isEmpty() ? "" : request.query(),
                request.isMethod("HEAD"),
                request.isDocument(),
                request.isRepeatable(),
                request.isHttp11(),
                request.hasBody(),
                polls.isEmpty() || !isPoll(request, place, polls.get()));
    }

    private static boolean isPoll(RawRequest request, Place.InSession place, ProxyRules.Polls polls) {
        return polls.paths().contains(place.below(request.path())) || request.says(polls.header(), polls.value());
    }

    /// Not as a page for people: nothing is put into it.
    Carried plain() {
        return new Carried(upgrade, query, head, false, repeatable, http11, hasBody, use);
    }

    /// Refused, both connections end, so that neither side can think otherwise.
    boolean isUpgrade() {
        return !upgrade.isEmpty();
    }
}
