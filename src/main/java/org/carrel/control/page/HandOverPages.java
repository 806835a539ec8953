package org.carrel.control.page;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.carrel.auth.Cookies;
import org.carrel.auth.HandOver;
import org.carrel.control.Problems;
import org.carrel.domain.app.AppId;
import org.carrel.domain.route.Addresses;
import org.carrel.domain.route.Origin;
import org.carrel.domain.route.Place;
import org.carrel.domain.route.SafePath;
import org.carrel.domain.session.ServiceKeys;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionState;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.http.Answer;
import org.carrel.http.Header;
import org.carrel.http.Request;
import org.carrel.http.RequestHead;
import org.carrel.port.Audit.Entry;
import org.carrel.port.Audit.What;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The three steps by which a signed-in browser gets the cookie of a session's or a service's own origin: see
/// `HandOver`.
final class HandOverPages {
    private static final Logger LOG = LoggerFactory.getLogger(HandOverPages.class);
    private final PageMeans means;

    HandOverPages(PageMeans means) {
        this.means = means;
    }

    /// 1, on that origin: off to the portal
    Answer begin(RequestHead head, Origin origin) {
        HandOver.Begun begun = means.auth().handOver().begin(head);
        String location = means.portal(head) + "/handover?" + named(origin, head) + "&challenge=" + begun.challenge()
                + "&next=" + PageMeans.encoded(SafePath.orRoot(Navigation.target(head)));
        Answer.Whole answer = PageWriter.redirect(302, location);
        return begun.cookie().map(cookie -> SignInPages.with(answer, cookie)).orElse(answer);
    }

    private static String named(Origin origin, RequestHead head) {
        return switch (origin) {
            case Origin.OfSession(var id) -> "session=" + id;
            case Origin.OfService(var app) -> "service=" + app + "&host=" + head.host();
            case Origin.OfPortal() -> throw new IllegalArgumentException("the portal hands over to others only");
        };
    }

    /// Where a code leads to.
    /// @param keeper the session at whose node the code lies: the one itself, or a copy of the service
    /// @param enter  the address that takes the code, up to the code itself
    private record Goal(Origin origin, SessionId keeper, String enter) {}

    /// 2, on the portal: may they? Then back with a code.
    Answer promise(Request request, Principal who) throws InterruptedException {
        RequestHead head = request.head();
        if (!Navigation.wantsPage(head)) return Problems.of(head, 403, "only a browser's navigation is handed over");
        boolean service = request.parameters().containsKey("service");
        Optional<Goal> goal = service ? service(request, who) : session(request, who);
        if (goal.isEmpty()) return means.absent(request);
        String challenge = request.parameters().getOrDefault("challenge", "");
        Optional<String> code;
        try {
            code = means.auth().promise(means.codes(), head, goal.get().keeper(), challenge);
        } catch (IOException silent) {
            return unreached(request, goal.get().keeper(), silent);
        }
        if (code.isEmpty())
            return means.refusal(
                    request, 400, "bad-request", "That didn't work", "Open it again by its own address or your list.");
        means.audit()
                .note(noted(
                                Entry.of(What.HAND_OVER, who.user(), Entry.OK),
                                goal.get().origin())
                        .asked(head));
        String next = SafePath.orRoot(request.parameters().getOrDefault("next", "/"));
        return PageWriter.redirect(302, goal.get().enter() + "code=" + code.get() + "&next=" + PageMeans.encoded(next));
    }

    /// Their own, and on an origin of its own.
    private Optional<Goal> session(Request request, Principal who) {
        RequestHead head = request.head();
        String id = request.parameters().getOrDefault("session", "");
        Addresses addresses = means.addresses().get();
        if (!SessionId.isWellFormed(id) || addresses.contentDomain().isEmpty()) return Optional.empty();
        return means.own(new SessionId(id), who).map(Session::id).map(own -> {
            String origin = addresses.originFor(own, head.scheme(), head.authority());
            return new Goal(new Origin.OfSession(own), own, origin + Addresses.BESIDE + "/enter?");
        });
    }

    /// Whether they may use it is for its agent to say; who they are is told to hosts of our settings alone.
    private Optional<Goal> service(Request request, Principal who) {
        RequestHead head = request.head();
        String host = request.parameters().getOrDefault("host", "");
        String named = request.parameters().getOrDefault("service", "");
        Optional<AppId> app = means.addresses().get().services().at(host);
        if (app.isEmpty() || !app.get().value().equals(named) || !who.may(Scope.USE)) return Optional.empty();
        String origin = head.scheme() + "://" + host + Addresses.portIn(head.authority());
        return means.views().current().sessions().values().stream()
                .filter(session -> ServiceKeys.isService(session.key())
                        && session.app().equals(app.get())
                        && session.state() instanceof SessionState.Ready)
                .map(Session::id)
                .min(Comparator.naturalOrder())
                .map(copy -> new Goal(
                        new Origin.OfService(app.get()),
                        copy,
                        origin + Addresses.BESIDE + "/enter?copy=" + copy + "&"));
    }

    /// 3, on the session's origin: the code against the cookie
    Answer enter(Request request, Place.Beside place) throws InterruptedException {
        return enter(request, place.id(), place.origin(), place.prefix() + Addresses.BESIDE + "/web");
    }

    /// 3, on the service's host
    Answer enter(Request request, Place.BesideService place) throws InterruptedException {
        String copy = request.parameters().getOrDefault("copy", "");
        if (!SessionId.isWellFormed(copy)) return Problems.of(request.head(), 400, "this is not the whole address");
        Origin origin = new Origin.OfService(place.app());
        return enter(request, new SessionId(copy), origin, Addresses.BESIDE + "/web");
    }

    private Answer enter(Request request, SessionId keeper, Origin origin, String web) throws InterruptedException {
        RequestHead head = request.head();
        if (!Navigation.wantsPage(head)) return Problems.of(head, 403, "only a browser's navigation enters here");
        String next = SafePath.orRoot(request.parameters().getOrDefault("next", "/"));
        String code = request.parameters().getOrDefault("code", "");
        Optional<Header> cookie;
        try {
            cookie = means.auth().handOver().redeem(means.codes(), code, keeper, origin, head);
        } catch (IOException silent) {
            return unreached(request, keeper, silent);
        }
        if (cookie.isEmpty()) {
            means.audit()
                    .note(noted(Entry.of(What.HAND_OVER, "", "refused"), origin).asked(head));
            return tooOften(request, next, web);
        }
        return SignInPages.with(
                PageWriter.redirect(302, next), List.of(cookie.get(), Cookies.clear(head.scheme(), Cookies.VERIFIER)));
    }

    private static Entry noted(Entry entry, Origin origin) {
        return switch (origin) {
            case Origin.OfSession(var id) -> entry.with("session", id);
            case Origin.OfService(var app) -> entry.with("service", app);
            case Origin.OfPortal() -> entry;
        };
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

    private Answer tooOften(Request request, String next, String web) {
        return means.notice(
                request,
                400,
                "cookies",
                "This link holds only once",
                "It was used before, is too old, or your browser keeps no cookies for this address. Open the session"
                        + " again.",
                next,
                "Open the session",
                web);
    }
}
