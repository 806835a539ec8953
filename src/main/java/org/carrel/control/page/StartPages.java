package org.carrel.control.page;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.carrel.api.ApiWords;
import org.carrel.control.Problems;
import org.carrel.control.SessionAsked;
import org.carrel.control.Tickets;
import org.carrel.control.page.Facts.ConsentFacts;
import org.carrel.control.page.Facts.EndedFacts;
import org.carrel.control.page.Facts.NoticeFacts;
import org.carrel.control.page.Facts.WaitingFacts;
import org.carrel.domain.app.AppId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.place.Stage;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.session.SessionState;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.http.Answer;
import org.carrel.http.Request;
import org.carrel.http.Request.Proof;
import org.carrel.http.RequestId;
import org.carrel.port.Begun;
import org.carrel.port.Catalogue.Entry;
import org.carrel.port.Start;

/// `/app/<app>[/<name>]`: start or return. `/wait/<id>`: how far a start is; never starts anything.
///
/// A GET starts only when the user typed the address or clicked on one of our pages. A link from elsewhere
/// shows what it
/// asks for, with a button; an image, a script or a frame never starts anything (R7).
final class StartPages {
    private static final String ASK = "ask";
    private static final String TICKET = "ticket";
    private static final String ELSEWHERE = "elsewhere";
    private static final String ON = "on";
    /// below the root of the interface
    private static final String TICKETS = ApiWords.TICKETS.substring(ApiWords.ROOT.length());
    private final PageMeans means;

    StartPages(PageMeans means) {
        this.means = means;
    }

    /// The same address, but with consent: for links from elsewhere that first led through the sign-in.
    static String askingFirst(String next) {
        return next.startsWith("/app/") ? next.split("[?#]", 2)[0] + "?" + ASK + "=1" : next;
    }

    Answer open(Request request, Principal who) throws InterruptedException {
        Optional<Wanted> wanted = wanted(request, who);
        if (wanted.isEmpty()) return means.absent(request);
        Optional<Session> live = live(wanted.get().key());
        if (live.isPresent() && Navigation.wantsPage(request.head())) return lead(request, live.get());
        if (!Navigation.wantsPage(request.head()))
            return Problems.named(
                    request.head(), 403, "not-meant", "only a person can start this, by a click or an address");
        boolean ask = !Navigation.mayStart(request.head())
                || request.parameters().containsKey(ASK)
                || request.proof() != Proof.COOKIE;
        return ask ? consent(request, who, wanted.get()) : begin(request, wanted.get());
    }

    /// the button of the consent page
    Answer agreed(Request request, Principal who) throws IOException, InterruptedException {
        Optional<String> objection = means.auth()
                .csrf()
                .objectionToForm(
                        request, Form.read(request).map(it -> it.field("csrf")).orElse(""));
        if (objection.isPresent())
            return means.refusal(request, 403, "refused", "Nothing was started", objection.get());
        Optional<Wanted> wanted = wanted(request, who);
        return wanted.isPresent() ? begin(request, wanted.get()) : means.absent(request);
    }

    Answer waiting(Request request, Principal who) {
        String id = request.head().path().substring("/wait/".length());
        Optional<Session> session = SessionId.isWellFormed(id) ? means.own(new SessionId(id), who) : Optional.empty();
        if (session.isEmpty()) return means.absent(request);
        return switch (session.get().state()) {
            case SessionState.Ready _ -> PageWriter.redirect(302, means.addressOf(session.get(), request.head()));
            case SessionState.Ended ended -> ended(request, session.get().key(), ended.end());
            case SessionState.Reserved _, SessionState.Starting _, SessionState.Draining _ ->
                means.writer().page(request.head(), 200, waitingFacts(request, who, session.get()));
        };
    }

    private record Wanted(Entry entry, SessionKey key) {}

    /// @return empty when there is no such app, or not for this user: the same answer
    private Optional<Wanted> wanted(Request request, Principal who) {
        String[] parts = request.head().path().substring("/app/".length()).split("/", -1);
        String name = parts.length > 1 && !parts[1].isEmpty() ? parts[1] : SessionKey.DEFAULT_NAME;
        if (parts.length > 2 && !(parts.length == 3 && parts[2].isEmpty())) return Optional.empty();
        try {
            AppId app = new AppId(parts[0]);
            SessionKey key = new SessionKey(who.user(), app, name);
            return means.catalogue()
                    .find(app)
                    .filter(entry -> entry.app().service().isEmpty())
                    .filter(entry ->
                            who.may(Scope.USE) && entry.app().audience().includes(who))
                    .map(entry -> new Wanted(entry, key));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private Optional<Session> live(SessionKey key) {
        return means.views().current().sessions().values().stream()
                .filter(it -> it.key().equals(key) && it.state().isLive())
                .findFirst();
    }

    private Answer begin(Request request, Wanted wanted) throws InterruptedException {
        Optional<String> obstacle = wanted.entry().obstacle();
        if (obstacle.isPresent())
            return no(request, "impossible", "It can't be started", obstacle.get(), Duration.ofMinutes(1));
        Optional<RequestId> ticket = ticket(request);
        RequestId once = ticket.orElseGet(() -> Tickets.of(request.head().id()));
        boolean elsewhere = ticket.isPresent() && request.parameters().containsKey(ELSEWHERE);
        Optional<NodeName> on = on(request);
        Begun begun = means.starts().start(new Start(wanted.key(), once, on, elsewhere, true));
        if (ticket.isEmpty() || !(begun instanceof Begun.Waiting))
            means.audit().note(SessionAsked.entry(wanted.key(), begun).asked(request.head()));
        return switch (begun) {
            case Begun.Granted(var session) -> lead(request, session);
            case Begun.Existing(var session) -> lead(request, session);
            case Begun.Full(var shortage, var retryAfter) ->
                no(request, "full", "There is no room just now", shortage, retryAfter);
            // under an address that keeps the place when the page is loaded again
            case Begun.Waiting waiting
            when ticket.isEmpty() -> PageWriter.redirect(303, placeKept(wanted.key(), once, on));
            case Begun.Waiting(var why, var again) ->
                waits(request, wanted.key(), placeKept(wanted.key(), once, on), once, why, again);
            case Begun.Draining() ->
                no(
                        request,
                        "draining",
                        "Nothing new is started here",
                        "This machine is being emptied; ask its administrator, or try again later.",
                        Duration.ofMinutes(1));
            case Begun.Impossible(var why) ->
                no(request, "impossible", "It can't be started", why, Duration.ofMinutes(1));
        };
    }

    /// to the session when it is ready, else to where one waits
    private Answer lead(Request request, Session session) {
        boolean ready = session.state() instanceof SessionState.Ready;
        int status = request.head().method().equals("POST") ? 303 : 302;
        return PageWriter.redirect(
                status, ready ? means.addressOf(session, request.head()) : PageMeans.waitPath(session.id()));
    }

    private Answer consent(Request request, Principal who, Wanted wanted) {
        String csrf = means.auth().csrf().tokenFor(request.head());
        ConsentFacts facts = new ConsentFacts(
                means.title(),
                wanted.entry().app().title(),
                wanted.key().app().value(),
                wanted.key().name(),
                csrf,
                PageMeans.startPath(wanted.key()),
                means.me(request, who));
        return means.writer().page(request.head(), 200, facts);
    }

    private static String placeKept(SessionKey key, RequestId ticket, Optional<NodeName> on) {
        return PageMeans.startPath(key) + "?" + TICKET + "=" + ticket
                + on.map(node -> "&" + ON + "=" + node).orElse("");
    }

    /// The machine the user chose; what can be no machine's name is no choice.
    private static Optional<NodeName> on(Request request) {
        try {
            return Optional.ofNullable(request.parameters().get(ON)).map(NodeName::new);
        } catch (IllegalArgumentException unfit) {
            return Optional.empty();
        }
    }

    private static Optional<RequestId> ticket(Request request) {
        return Optional.ofNullable(request.parameters().get(TICKET)).flatMap(Tickets::read);
    }

    /// @param here the address that keeps the place
    private Answer waits(Request request, SessionKey key, String here, RequestId ticket, Stage why, Duration again) {
        boolean mayGoElsewhere = why instanceof Stage.HolderSilent;
        NoticeFacts.Waits waits = new NoticeFacts.Waits(
                why.place().orElse(null),
                mayGoElsewhere ? here + "&" + ELSEWHERE + "=1" : null,
                TICKETS + "/" + key.app() + "/" + key.name() + "/" + ticket);
        NoticeFacts facts = new NoticeFacts(
                means.title(),
                503,
                why.word(),
                "You are waiting",
                why.sentence(),
                "",
                "",
                Math.max(1, again.toSeconds()),
                waits);
        return means.writer().page(request.head(), 503, facts).with("Retry-After", "2");
    }

    private Answer no(Request request, String kind, String heading, String text, Duration retryAfter) {
        long seconds = Math.max(1, retryAfter.plusMillis(999).toSeconds());
        NoticeFacts facts =
                new NoticeFacts(means.title(), 503, kind, heading, text, "/", "Back to your sessions", seconds, null);
        return means.writer().page(request.head(), 503, facts).with("Retry-After", Long.toString(seconds));
    }

    private WaitingFacts waitingFacts(Request request, Principal who, Session session) {
        String resource = ApiWords.SESSIONS + "/" + session.id();
        return new WaitingFacts(
                means.title(),
                session.id().value(),
                means.titleOf(session.app()),
                session.key().name(),
                session.since(),
                means.sessions()
                        .usualStart(session.key())
                        .map(Duration::toMillis)
                        .orElse(null),
                resource + "/events",
                resource,
                PageMeans.startPath(session.key()),
                means.me(request, who));
    }

    private Answer ended(Request request, SessionKey key, End end) {
        EndedFacts facts = new EndedFacts(
                means.title(), means.titleOf(key.app()), end.sentence(), lastLines(end), PageMeans.startPath(key), "/");
        return means.writer().page(request.head(), 410, facts);
    }

    static List<String> lastLines(End end) {
        return switch (end) {
            case End.Exited exited -> exited.lastLines();
            case End.Failed failed -> failed.lastLines();
            case End.Stopped _, End.Idle _, End.Lost _ -> List.of();
        };
    }
}
