package org.carrel.agent;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.app.App;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.http.Header;
import org.carrel.kind.KindDriver;
import org.carrel.launch.Launcher.Signal;

/// The kind of apps a fake machine runs. Apps whose command ends in `port` listen on a port.
final class FakeKind implements KindDriver {
    static final KindId ID = new KindId("fake");
    volatile boolean working;
    /// what the last app that was planned was told
    volatile String prefix = "none yet";

    @Override
    public KindId id() {
        return ID;
    }

    @Override
    public ProxyRules rules() {
        return ProxyRules.PLAIN;
    }

    @Override
    public Listening listening(App app) {
        return app.command().getLast().equals("port") ? Listening.PORT : Listening.SOCKET;
    }

    @Override
    public Plan plan(App app, Site site) {
        prefix = site.prefix();
        if (app.command().getFirst().equals("wrong-directory"))
            throw new IllegalArgumentException("there is no app.R in /srv/nowhere");
        return new Plan(
                app.command(),
                Map.of(),
                "",
                Map.of("token", site.secret().value()),
                List.of(new Header("X-Token", site.secret().value())),
                new Probe.Get("/", 200, 399));
    }

    @Override
    public Optional<String> obstacle(App app) {
        return Optional.empty();
    }

    @Override
    public boolean isWorking(Served served) {
        return working;
    }

    @Override
    public List<StopStep> stopSteps(Served served) {
        return List.of(
                new StopStep.Send(Signal.INT, Duration.ofMillis(100)),
                new StopStep.Send(Signal.TERM, Duration.ofMillis(100)));
    }
}
