package org.carrel.control;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.carrel.api.ApiWords;
import org.carrel.api.Items;
import org.carrel.api.SessionInfo;
import org.carrel.api.StartRequest;
import org.carrel.control.Route.Parameter.Type;
import org.carrel.control.Route.Shape;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.http.Answer;
import org.carrel.http.Request.Proof;
import org.carrel.http.RequestId;
import org.carrel.port.Audit;
import org.carrel.port.Audit.Entry;
import org.carrel.port.Audit.What;
import org.carrel.port.Begun;
import org.carrel.port.Catalogue;
import org.carrel.port.Sessions;
import org.carrel.port.Start;
import org.carrel.port.Starts;
import org.carrel.port.View;
import org.carrel.port.Views;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sessions: start, look, keep running, stop, read the log. Owners and administrators only; for everybody else a
/// session doesn't exist.
final class SessionResources {
    static final String ONE = ApiWords.SESSIONS + "/{id}";
    private static final Logger LOG = LoggerFactory.getLogger(SessionResources.class);
    private static final int USUAL_LINES = 200;
    private static final int MOST_LINES = 10_000;
    private static final Duration DRAINING_RETRY = Duration.ofSeconds(60);
    private static final Set<String> STATES = Set.of("reserved", "starting", "ready", "draining", "ended");
    private static final Comparator<Session> NEWEST_FIRST =
            Comparator.comparing(Session::since).reversed().thenComparing(Session::id);

    private final Starts starts;
    private final Sessions sessions;
    private final Views views;
    private final Catalogue catalogue;
    private final SessionFolding folding;
    private final Audit audit;

    SessionResources(
            Starts starts, Sessions sessions, Views views, Catalogue catalogue, SessionFolding folding, Audit audit) {
        this.starts = starts;
        this.audit = audit;
        this.sessions = sessions;
        this.views = views;
        this.catalogue = catalogue;
        this.folding = folding;
    }

    List<Route> routes() {
        Shape one = new Shape.Record(SessionInfo.class);
        return List.of(
                Route.get(ApiWords.SESSIONS, "listSessions", "Your sessions, newest first; ended ones stay a while")
                        .parameter("owner", Type.TEXT, "only this user's; others' for administrators")
                        .parameter("app", Type.TEXT, "only of this app")
                        .parameter("state", Type.TEXT, "reserved, starting, ready, draining or ended")
                        .parameter("all", Type.YES_OR_NO, "everybody's, for administrators")
                        .answers(200, new Shape.ListOf(SessionInfo.class), "the sessions")
                        .by(this::list),
                Route.post(ApiWords.SESSIONS, "startSession", "Start an app, or return to its session")
                        .takes(StartRequest.class)
                        .answers(201, one, "begun; follow its events until it is ready")
                        .answers(200, one, "it was there already")
                        .fails(404, "no such app, or not for you")
                        .fails(409, "it can't be started here; the detail says why and what to do")
                        .fails(503, "full, draining, or you wait in line; Retry-After says when to ask again")
                        .by(this::start),
                Route.delete(
                                ApiWords.TICKETS + "/{app}/{name}/{ticket}",
                                "callOff",
                                "Nobody waits for this session any more")
                        .answers(204, new Shape.Nothing(), "it is begun no more; what was begun is stopped")
                        .fails(404, "no such app, or not for you")
                        .by(this::callOff),
                Route.get(ONE, "getSession", "One session")
                        .answers(200, one, "the session")
                        .fails(404, "no such session, or not yours")
                        .by(call -> Call.json(200, info(session(call), call))),
                Route.delete(ONE, "stopSession", "Stop a session in the manner of its kind; twice is harmless")
                        .answers(200, one, "the session as it now is: draining or ended")
                        .fails(404, "no such session, or not yours")
                        .by(this::stop),
                Route.post(ONE + "/extend", "extendSession", "Keep a session running: counts as use, now")
                        .answers(200, one, "the session")
                        .fails(404, "no such session, or not yours")
                        .by(this::extend),
                Route.get(ONE + "/logs", "getSessionLog", "The last lines of a session's output")
                        .parameter("lines", Type.WHOLE_NUMBER, "1 to " + MOST_LINES + ", else " + USUAL_LINES)
                        .answers(200, new Shape.Text(), "oldest first")
                        .fails(404, "no such session, or not yours")
                        .by(this::log));
    }

    /// @throws Refusal with 404, the same for "absent" and "not yours"
    static Session sessionFor(Call call, Views views) {
        String id = call.name("id");
        return Optional.of(id)
                .filter(SessionId::isWellFormed)
                .flatMap(text -> views.current().session(new SessionId(text)))
                .filter(session -> isVisible(session, call))
                .orElseThrow(() -> call.refuse(404, "no such session; " + ApiWords.SESSIONS + " lists yours"));
    }

    private static boolean isVisible(Session session, Call call) {
        return session.owner().equals(call.asker().user()) || call.asker().isAdmin();
    }

    private Answer list(Call call) {
        Optional<String> owner = call.parameter("owner");
        Optional<String> app = call.parameter("app");
        Optional<String> state = call.parameter("state");
        if (state.isPresent() && !STATES.contains(state.get()))
            throw call.refuse(400, "state: must be one of reserved, starting, ready, draining, ended");
        boolean everybodys = call.asker().isAdmin() && (call.flag("all") || owner.isPresent());
        View view = views.current();
        List<SessionInfo> found = view.sessions().values().stream()
                .filter(session ->
                        everybodys || session.owner().equals(call.asker().user()))
                .filter(session -> owner.isEmpty() || session.owner().value().equals(owner.get()))
                .filter(session -> app.isEmpty() || session.app().value().equals(app.get()))
                .filter(session -> state.isEmpty() || session.state().word().equals(state.get()))
                .sorted(NEWEST_FIRST)
                .map(session -> folding.fold(session, view, folding.doorOf(call.request())))
                .toList();
        return Call.json(200, new Items<>(found));
    }

    private Answer start(Call call) throws IOException, InterruptedException {
        if (call.request().proof() == Proof.LOCAL)
            throw call.refuse(403, "on the node's own socket nobody is a user whose session it could be; send a token");
        StartRequest wanted = call.body(StartRequest.class);
        SessionKey key = key(wanted.app(), wanted.name(), call);
        Begun begun = starts.start(wanted(key, wanted, call));
        audit.note(SessionAsked.entry(key, begun).asked(call.head()));
        Answer.Whole answer = switch (begun) {
            case Begun.Granted(var session) ->
                Call.json(201, info(session, call)).with("Location", ApiWords.SESSIONS + "/" + session.id());
            case Begun.Existing(var session) -> Call.json(200, info(session, call));
            case Begun.Full(var shortage, var wait) -> Problems.retry(call.head(), 503, "full", shortage, wait);
            case Begun.Waiting(var why, var again) ->
                Problems.waiting(
                        call.head(),
                        why.word(),
                        why.sentence(),
                        ticket(wanted, call).value(),
                        why.place(),
                        again);
            case Begun.Draining() ->
                Problems.retry(call.head(), 503, "draining", "no new sessions are begun here now", DRAINING_RETRY);
            case Begun.Impossible(var why) -> Problems.named(call.head(), 409, "impossible", why);
        };
        LOG.info(
                "session asked for user={} app={} name={} status={} request={}",
                key.owner(),
                key.app(),
                key.name(),
                answer.status(),
                call.head().id());
        return answer;
    }

    private static Start wanted(SessionKey key, StartRequest asked, Call call) {
        try {
            return new Start(
                    key,
                    ticket(asked, call),
                    Optional.ofNullable(asked.node()).map(NodeName::new),
                    Boolean.TRUE.equals(asked.elsewhere()),
                    Boolean.TRUE.equals(asked.queue()) || asked.ticket() != null);
        } catch (IllegalArgumentException wrong) {
            throw call.refuse(400, "node: " + wrong.getMessage());
        }
    }

    private static RequestId ticket(StartRequest asked, Call call) {
        String ticket = asked.ticket();
        if (ticket == null) return Tickets.of(call.head().id());
        return Tickets.read(ticket)
                .orElseThrow(() -> call.refuse(400, "ticket: must be one that was given out by an earlier answer"));
    }

    private Answer callOff(Call call) {
        RequestId ticket =
                Tickets.read(call.name("ticket")).orElseThrow(() -> call.refuse(404, "there is no such ticket"));
        SessionKey key = key(call.name("app"), call.name("name"), call);
        starts.callOff(key, ticket);
        LOG.info("start called off user={} app={} ticket={}", key.owner(), key.app(), ticket);
        return Answer.empty(204);
    }

    private SessionKey key(@Nullable String wantedApp, @Nullable String wantedName, Call call) {
        String app = Optional.ofNullable(wantedApp)
                .orElseThrow(() -> call.refuse(400, "app: is required, for example {\"app\":\"faithful\"}"));
        String name = Optional.ofNullable(wantedName).orElse(SessionKey.DEFAULT_NAME);
        Catalogue.Entry entry = AppResources.entryFor(call.asker(), app, catalogue)
                .orElseThrow(() -> new Refusal(Problems.named(
                        call.head(), 404, "no-such-app", "no such app; " + ApiWords.APPS + " lists yours")));
        try {
            return new SessionKey(call.asker().user(), entry.app().id(), name);
        } catch (IllegalArgumentException wrong) {
            throw call.refuse(400, "name: " + wrong.getMessage());
        }
    }

    private Answer stop(Call call) throws InterruptedException {
        Session session = session(call);
        String by = call.asker().user().value();
        Session now = sessions.stop(session.id(), new End.Stopped(by)).orElseThrow(() -> gone(call));
        LOG.info(
                "session stop asked session={} by={} request={}",
                session.id(),
                by,
                call.head().id());
        audit.note(entry(What.SESSION_STOP, session, call));
        return Call.json(200, info(now, call));
    }

    private static Entry entry(What what, Session session, Call call) {
        return Entry.of(what, call.asker().user(), Entry.OK)
                .with("session", session.id())
                .with("app", session.app())
                .with("owner", session.owner())
                .asked(call.head());
    }

    private Answer extend(Call call) throws InterruptedException {
        Session session = session(call);
        Session now = sessions.extend(session.id(), call.asker().user()).orElseThrow(() -> gone(call));
        return Call.json(200, info(now, call));
    }

    private Answer log(Call call) throws InterruptedException {
        int lines = call.number("lines", USUAL_LINES, 1, MOST_LINES);
        StringBuilder text = new StringBuilder();
        Session session = session(call);
        if (!session.owner().equals(call.asker().user())) audit.note(entry(What.LOG_READ, session, call));
        for (String line : sessions.log(session.id(), lines)) text.append(line).append('\n');
        // what a program printed is never HTML, whatever it looks like
        return Answer.of(200, "text/plain; charset=utf-8", text.toString().getBytes(StandardCharsets.UTF_8))
                .with("Cache-Control", "no-store")
                .with("X-Content-Type-Options", "nosniff");
    }

    private Session session(Call call) {
        return sessionFor(call, views);
    }

    private SessionInfo info(Session session, Call call) {
        return folding.fold(session, views.current(), folding.doorOf(call.request()));
    }

    private static Refusal gone(Call call) {
        return call.refuse(404, "the session is gone; " + ApiWords.SESSIONS + " lists yours");
    }
}
