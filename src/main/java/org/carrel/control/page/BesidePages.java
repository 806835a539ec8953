package org.carrel.control.page;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.carrel.api.ApiWords;
import org.carrel.auth.Csrf;
import org.carrel.control.Problems;
import org.carrel.domain.route.Place;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.carrel.http.Answer;
import org.carrel.http.Request;
import org.carrel.http.Request.Proof;
import org.carrel.port.Audit.Entry;
import org.carrel.port.Audit.What;
import org.carrel.port.Identities.Identity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `/.carrel/…` beside a session: the bar, its facts, and the two things it can do, to this session alone. Beside a
/// service: the way in, and what our own pages there are made of.
final class BesidePages {
    private static final Logger LOG = LoggerFactory.getLogger(BesidePages.class);
    private final PageMeans means;
    private final WebFiles files;
    private final HandOverPages handOver;
    private final BesideStates states;

    BesidePages(PageMeans means, WebFiles files, HandOverPages handOver) {
        this.means = means;
        this.files = files;
        this.handOver = handOver;
        this.states = new BesideStates(means);
    }

    Answer answer(Request request, Place.Beside place) throws InterruptedException {
        String method = request.head().method();
        boolean reads = method.equals("GET") || method.equals("HEAD");
        return switch (place.path()) {
            case "/enter" ->
                place.ownOrigin() && method.equals("GET") ? handOver.enter(request, place) : absent(request);
            case "/state" -> reads ? state(request, place) : wrongMethod(request, "GET, HEAD");
            case "/events" -> method.equals("GET") ? events(request, place) : wrongMethod(request, "GET");
            case "/extend", "/stop" -> method.equals("POST") ? act(request, place) : wrongMethod(request, "POST");
            default -> reads ? file(request, place.path()) : absent(request);
        };
    }

    Answer answer(Request request, Place.BesideService place) throws InterruptedException {
        String method = request.head().method();
        if (place.path().equals("/enter"))
            return method.equals("GET") ? handOver.enter(request, place) : wrongMethod(request, "GET");
        return method.equals("GET") || method.equals("HEAD") ? file(request, place.path()) : absent(request);
    }

    /// The bar's own files; `/.carrel/web/…` holds those of the pages that are shown on this origin.
    private Answer file(Request request, String path) {
        String name = path.substring(1);
        String below = name.startsWith(WebFiles.ROOT) ? name.substring(WebFiles.ROOT.length()) : name;
        return files.answer(request.head(), below).orElseGet(() -> absent(request));
    }

    private Answer state(Request request, Place.Beside place) {
        Optional<Principal> who = user(request);
        if (who.isEmpty()) return unproved(request);
        return means.own(place.id(), who.get())
                .map(session -> stateOf(session, request))
                .orElseGet(() -> absent(request));
    }

    private Answer events(Request request, Place.Beside place) {
        Optional<Principal> who = user(request);
        if (who.isEmpty()) return unproved(request);
        if (means.own(place.id(), who.get()).isEmpty()) return absent(request);
        UserId user = who.get().user();
        return new Answer.Events(new BesideFeed(
                means.views().follow(),
                view -> view.session(place.id()).map(it -> states.json(it, view, request.head())),
                stillSignedIn(request, place, user)));
    }

    private Answer act(Request request, Place.Beside place) throws InterruptedException {
        Optional<Principal> who = user(request);
        if (who.isEmpty()) return unproved(request);
        if (request.proof() == Proof.COOKIE) {
            Optional<String> foreign = Csrf.foreign(request.head());
            boolean named = request.head().header(ApiWords.CSRF_HEADER).isPresent();
            if (foreign.isPresent() || !named)
                return Problems.named(
                        request.head(), 403, "not-meant", foreign.orElse(ApiWords.CSRF_HEADER + " is missing"));
        }
        if (means.own(place.id(), who.get()).isEmpty()) return absent(request);
        UserId user = who.get().user();
        boolean stop = place.path().equals("/stop");
        Optional<Session> session = stop
                ? means.sessions().stop(place.id(), new End.Stopped(user.value()))
                : means.sessions().extend(place.id(), user);
        if (stop)
            means.audit()
                    .note(Entry.of(What.SESSION_STOP, user, Entry.OK)
                            .with("session", place.id())
                            .asked(request.head()));
        LOG.info(
                "bar act={} session={} user={} request={}",
                place.path(),
                place.id(),
                user,
                request.head().id());
        return session.map(it -> stateOf(it, request)).orElseGet(() -> absent(request));
    }

    private Answer.Whole stateOf(Session session, Request request) {
        String json = states.json(session, means.views().current(), request.head());
        return Answer.json(200, json.getBytes(StandardCharsets.UTF_8)).with("Cache-Control", "no-store");
    }

    private BooleanSupplier stillSignedIn(Request request, Place.Beside place, UserId user) {
        return () -> means.auth().identities().identify(request.head(), place.origin()) instanceof Identity.Known known
                && known.principal().user().equals(user);
    }

    private static Optional<Principal> user(Request request) {
        return request.principal().filter(it -> it.may(Scope.USE));
    }

    private static Answer.Whole unproved(Request request) {
        return Problems.named(request.head(), 401, "signed-out", "load the page again to sign in");
    }

    private static Answer.Whole absent(Request request) {
        return Problems.of(request.head(), 404, "there is no such thing here");
    }

    private static Answer.Whole wrongMethod(Request request, String allow) {
        return Problems.of(request.head(), 405, "allowed: " + allow).with("Allow", allow);
    }
}
