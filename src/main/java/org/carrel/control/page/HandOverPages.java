package org.carrel.control.page;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.carrel.auth.Cookies;
import org.carrel.auth.HandOver;
import org.carrel.control.Problems;
import org.carrel.domain.route.Addresses;
import org.carrel.domain.route.Place;
import org.carrel.domain.route.SafePath;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.Principal;
import org.carrel.http.Answer;
import org.carrel.http.Header;
import org.carrel.http.Request;
import org.carrel.http.RequestHead;
import org.carrel.port.Audit.Entry;
import org.carrel.port.Audit.What;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The three steps by which a signed-in browser gets a session's own cookie: see `HandOver`.
final class HandOverPages {
    private static final Logger LOG = LoggerFactory.getLogger(HandOverPages.class);
    private final PageMeans means;

    HandOverPages(PageMeans means) {
        this.means = means;
    }

    /// 1, on the session's origin: off to the portal
    Answer begin(RequestHead head, SessionId session) {
        HandOver.Begun begun = means.auth().handOver().begin(head);
        String location = means.portal(head) + "/handover?session=" + session + "&challenge=" + begun.challenge()
                + "&next=" + PageMeans.encoded(SafePath.orRoot(Navigation.target(head)));
        Answer.Whole answer = PageWriter.redirect(302, location);
        return begun.cookie().map(cookie -> SignInPages.with(answer, cookie)).orElse(answer);
    }

    /// 2, on the portal: is it theirs? Then back with a code.
    Answer promise(Request request, Principal who) throws InterruptedException {
        RequestHead head = request.head();
        if (!Navigation.wantsPage(head)) return Problems.of(head, 403, "only a browser's navigation is handed over");
        String id = request.parameters().getOrDefault("session", "");
        Optional<Session> session = SessionId.isWellFormed(id) ? means.own(new SessionId(id), who) : Optional.empty();
        Addresses addresses = means.addresses().get();
        if (session.isEmpty() || addresses.contentDomain().isEmpty()) return means.absent(request);
        String challenge = request.parameters().getOrDefault("challenge", "");
        Optional<String> code;
        try {
            code = means.auth().promise(means.codes(), head, session.get().id(), challenge);
        } catch (IOException silent) {
            return unreached(request, session.get().id(), silent);
        }
        if (code.isEmpty())
            return means.refusal(
                    request, 400, "bad-request", "That didn't work", "Open the session from your list of sessions.");
        means.audit()
                .note(Entry.of(What.HAND_OVER, who.user(), Entry.OK)
                        .with("session", session.get().id())
                        .asked(head));
        String next = SafePath.orRoot(request.parameters().getOrDefault("next", "/"));
        return PageWriter.redirect(
                302,
                addresses.originFor(session.get().id(), head.scheme(), head.authority()) + Addresses.BESIDE
                        + "/enter?code=" + code.get() + "&next=" + PageMeans.encoded(next));
    }

    /// 3, on the session's origin: the code against the cookie
    Answer enter(Request request, Place.Beside place) throws InterruptedException {
        RequestHead head = request.head();
        if (!Navigation.wantsPage(head)) return Problems.of(head, 403, "only a browser's navigation enters here");
        String next = SafePath.orRoot(request.parameters().getOrDefault("next", "/"));
        String code = request.parameters().getOrDefault("code", "");
        Optional<Header> cookie;
        try {
            cookie = means.auth().handOver().redeem(means.codes(), code, place.id(), head);
        } catch (IOException silent) {
            return unreached(request, place.id(), silent);
        }
        if (cookie.isEmpty()) {
            means.audit()
                    .note(Entry.of(What.HAND_OVER, "", "refused")
                            .with("session", place.id())
                            .asked(head));
            return tooOften(request, place, next);
        }
        return SignInPages.with(
                PageWriter.redirect(302, next), List.of(cookie.get(), Cookies.clear(head.scheme(), Cookies.VERIFIER)));
    }

    private Answer unreached(Request request, SessionId session, IOException silent) {
        LOG.warn("no hand-over session={} cause=\"{}\"", session, silent.getMessage());
        return means.refusal(
                request,
                503,
                "unreachable",
                "Its machine doesn't answer",
                "Your session may well be running; try again in a moment.");
    }

    private Answer tooOften(Request request, Place.Beside place, String next) {
        return means.notice(
                request,
                400,
                "cookies",
                "This link holds only once",
                "It was used before, is too old, or your browser keeps no cookies for this address. Open the session"
                        + " again.",
                next,
                "Open the session",
                place.prefix() + Addresses.BESIDE + "/web");
    }
}
