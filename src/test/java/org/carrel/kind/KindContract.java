package org.carrel.kind;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.domain.app.Audience;
import org.carrel.domain.idle.IdleRule;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.SessionId;
import org.carrel.kind.KindDriver.Listening;
import org.carrel.kind.KindDriver.Plan;
import org.carrel.kind.KindDriver.Probe;
import org.carrel.kind.KindDriver.Secret;
import org.carrel.kind.KindDriver.Site;
import org.junit.jupiter.api.Test;

/// What every kind promises.
abstract class KindContract {
    static final SessionId ID = new SessionId("abcdefghijklmnop");
    static final Secret SECRET = new Secret("0123456789abcdef0123456789abcdef");

    abstract KindDriver driver();

    abstract App app();

    static App app(KindDriver driver, Optional<String> directory, List<String> command) {
        return new App(
                new AppId("an-app"),
                driver.id(),
                "An App",
                "",
                directory,
                command,
                Map.of("COLOUR", "blue"),
                new Resources(500, 512 << 20),
                Audience.EVERYBODY,
                IdleRule.DEFAULT,
                App.DEFAULT_START_TIMEOUT);
    }

    static Site site(Endpoint endpoint) {
        return new Site(ID, "/var/lib/carrel/boxes/" + ID, endpoint, "/s/" + ID, SECRET);
    }

    Endpoint endpoint() {
        return driver().listening(app()) == Listening.SOCKET
                ? new Endpoint.Unix("/run/carrel/" + ID + "/s")
                : new Endpoint.Tcp(40123);
    }

    Plan plan() {
        return driver().plan(app(), site(endpoint()));
    }

    @Test
    void the_same_arguments_give_the_same_plan() {
        assertThat(plan()).isEqualTo(plan());
    }

    @Test
    void no_secret_is_in_the_command_or_the_environment() {
        assertThat(String.join(" ", plan().argv())).doesNotContain(SECRET.value());
        assertThat(plan().environment().toString()).doesNotContain(SECRET.value());
    }

    @Test
    void the_command_or_the_environment_or_a_file_says_where_to_listen() {
        String where = switch (endpoint()) {
            case Endpoint.Unix unix -> unix.path();
            case Endpoint.Tcp tcp -> Integer.toString(tcp.port());
        };
        Plan plan = plan();
        assertThat(plan.argv() + " " + plan.environment() + " " + plan.files()).contains(where);
    }

    @Test
    void the_environment_of_the_app_is_kept() {
        assertThat(plan().environment()).containsEntry("COLOUR", "blue");
    }

    @Test
    void the_probe_is_a_path_below_what_the_workload_serves() {
        if (!(plan().probe() instanceof Probe.Get(var path, var from, var to))) return;
        assertThat(path).startsWith("/");
        assertThat(from).isBetween(200, to);
        if (driver().rules().prefix() == org.carrel.domain.kind.ProxyRules.Prefix.KEEP)
            assertThat(path).startsWith("/s/" + ID + "/");
    }

    @Test
    void the_way_to_the_end_is_short_and_every_step_has_its_patience() {
        var steps = driver().stopSteps(new KindDriver.Served(endpoint(), SECRET, Optional.empty()));
        assertThat(steps).isNotEmpty().allMatch(step -> step.patience().isPositive());
        Duration all = steps.stream().map(KindDriver.StopStep::patience).reduce(Duration.ZERO, Duration::plus);
        assertThat(all).isLessThan(Duration.ofSeconds(30));
    }
}
