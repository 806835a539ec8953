package org.carrel.control.page;

import java.time.Instant;
import java.util.Optional;
import org.carrel.api.Json;
import org.carrel.control.page.Facts.BesideState;
import org.carrel.domain.idle.IdleVerdict;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionState;
import org.carrel.http.RequestHead;
import org.carrel.port.Sample;
import org.carrel.port.View;

/// What the bar beside a session is told.
final class BesideStates {
    private final PageMeans means;

    BesideStates(PageMeans means) {
        this.means = means;
    }

    String json(Session session, View view, RequestHead head) {
        return Json.text(state(session, view, head));
    }

    private BesideState state(Session session, View view, RequestHead head) {
        Optional<IdleVerdict> verdict = session.state() instanceof SessionState.Ready
                ? view.sample(session.id()).map(Sample::verdict)
                : Optional.empty();
        Optional<String> reason = switch (session.state()) {
            case SessionState.Ended ended -> Optional.of(ended.end().sentence());
            case SessionState.Draining draining ->
                Optional.of(draining.because().sentence());
            case SessionState.Reserved _, SessionState.Starting _, SessionState.Ready _ ->
                verdict.map(IdleVerdict::reason);
        };
        String portal = means.portal(head);
        return new BesideState(
                session.id().value(),
                session.app().value(),
                means.titleOf(session.app()),
                session.key().name(),
                session.owner().value(),
                session.state().word(),
                verdict.map(BesideStates::word).orElse(null),
                reason.orElse(null),
                verdict.flatMap(BesideStates::stopsAt).orElse(null),
                portal + "/",
                portal + PageMeans.startPath(session.key()));
    }

    private static String word(IdleVerdict verdict) {
        return switch (verdict) {
            case IdleVerdict.Keep _ -> "keep";
            case IdleVerdict.Warn _ -> "warn";
            case IdleVerdict.Stop _ -> "stop";
        };
    }

    private static Optional<Instant> stopsAt(IdleVerdict verdict) {
        return switch (verdict) {
            case IdleVerdict.Keep keep -> Optional.of(keep.stopsAt()).filter(it -> it.isBefore(Instant.MAX));
            case IdleVerdict.Warn warn -> Optional.of(warn.stopsAt()).filter(it -> it.isBefore(Instant.MAX));
            case IdleVerdict.Stop _ -> Optional.empty();
        };
    }
}
