package org.carrel.control.page;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.carrel.control.Problems;
import org.carrel.control.page.Facts.EndedFacts;
import org.carrel.domain.route.Addresses;
import org.carrel.domain.route.Origin;
import org.carrel.domain.route.Place;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.http.Answer;
import org.carrel.http.Request;
import org.carrel.http.RequestHead;
import org.carrel.port.Identities.Identity;
import org.carrel.port.Pages.Hindrance;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is answered in a session's stead. People get a page that says why and what to do, scripts get problem+json.
final class InsteadPages {
    private static final Logger LOG = LoggerFactory.getLogger(InsteadPages.class);
    private final PageMeans means;
    private final HandOverPages handOver;

    InsteadPages(PageMeans means, HandOverPages handOver) {
        this.means = means;
        this.handOver = handOver;
    }

    Answer answer(Request request, Place.InSession place, Hindrance hindrance) {
        return switch (hindrance) {
            case Hindrance.Unproved(var identity) -> unproved(request, place, identity);
            case Hindrance.NotYet(var session) -> notYet(request, place, session);
            case Hindrance.Gone(var end) -> gone(request, place, end);
            case Hindrance.Absent() ->
                say(request, place, 404, "not-found", "Nothing here", "There is no such session, or it isn't yours.");
            case Hindrance.Silent(var busy, var detail) -> silent(request, place, busy, detail);
            case Hindrance.SigningOut() -> PageWriter.redirect(303, base(request, place) + "/sign-out");
            case Hindrance.Refused(var status, var why) ->
                say(request, place, status, "refused", "This was refused", why);
        };
    }

    private Answer unproved(Request request, Place.InSession place, Identity identity) {
        RequestHead head = request.head();
        if (identity instanceof Identity.Refused(var status, var why) && status != 401)
            return say(request, place, status, "bad-request", "This can't be read", why);
        if (!Navigation.wantsPage(head))
            return Problems.named(head, 401, "signed-out", "load the page again to sign in")
                    .with("WWW-Authenticate", "Bearer realm=\"carrel\"");
        if (place.ownOrigin()) {
            Optional<Origin> service =
                    means.addresses().get().services().at(head.host()).map(Origin.OfService::new);
            return handOver.begin(head, service.orElseGet(place::origin));
        }
        return PageWriter.redirect(302, PageMeans.signInPath(Navigation.target(head)));
    }

    private Answer notYet(Request request, Place.InSession place, Session session) {
        if (!Navigation.wantsPage(request.head()))
            return Problems.retry(
                    request.head(), 503, "starting", "the session is still starting", Duration.ofSeconds(1));
        return PageWriter.redirect(302, base(request, place) + PageMeans.waitPath(session.id()));
    }

    private Answer gone(Request request, Place.InSession place, End end) {
        Optional<Session> session = request.principal().flatMap(who -> means.own(place.id(), who));
        if (!Navigation.wantsPage(request.head()))
            return Problems.named(request.head(), 410, "ended", "the session has ended: " + end.sentence());
        EndedFacts facts = new EndedFacts(
                means.title(),
                session.map(it -> means.titleOf(it.app())).orElse("The session"),
                end.sentence(),
                session.isPresent() ? StartPages.lastLines(end) : List.of(),
                base(request, place)
                        + session.map(it -> PageMeans.startPath(it.key())).orElse("/"),
                base(request, place) + "/");
        return means.writer().page(request.head(), 410, facts, web(place));
    }

    private Answer silent(Request request, Place.InSession place, boolean busy, String detail) {
        // the detail may name the target: for the log, never for the page (R30)
        LOG.info(
                "session silent session={} busy={} request={} detail={}",
                place.id(),
                busy,
                request.head().id(),
                detail);
        Answer.Whole answer = busy
                ? say(
                        request,
                        place,
                        504,
                        "busy",
                        "The session is busy",
                        "It is there, but computes and doesn't answer just now. Wait a little and try again; nothing is lost.")
                : say(
                        request,
                        place,
                        502,
                        "dead",
                        "The session doesn't answer",
                        "It broke off. Try again; if this stays, stop it and start it anew.");
        return answer.with("Retry-After", busy ? "5" : "2");
    }

    private Answer.Whole say(
            Request request, Place.InSession place, int status, String kind, String heading, String text) {
        if (!Navigation.wantsPage(request.head())) return Problems.named(request.head(), status, kind, text);
        boolean again = kind.equals("busy") || kind.equals("dead");
        return means.notice(
                request,
                status,
                kind,
                heading,
                text,
                again ? "" : base(request, place) + "/",
                again ? "Try again" : "Back to your sessions",
                web(place));
    }

    private String base(Request request, Place.InSession place) {
        return place.ownOrigin() ? means.portal(request.head()) : "";
    }

    private static String web(Place.InSession place) {
        return place.ownOrigin() ? place.prefix() + Addresses.BESIDE + "/web" : "/web";
    }
}
