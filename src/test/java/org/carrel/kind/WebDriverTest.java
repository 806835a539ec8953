package org.carrel.kind;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.carrel.domain.app.App;
import org.carrel.domain.session.Endpoint;
import org.carrel.kind.KindDriver.Listening;
import org.junit.jupiter.api.Test;

class WebDriverTest extends KindContract {
    @Override
    KindDriver driver() {
        return new WebDriver();
    }

    @Override
    App app() {
        return command("sh", "-c", "serve {socket} {prefix}");
    }

    private App command(String... words) {
        return app(driver(), Optional.empty(), List.of(words));
    }

    @Test
    void socket_and_prefix_are_filled_in() {
        assertThat(plan().argv()).containsExactly("sh", "-c", "serve /run/carrel/" + ID + "/s /s/" + ID);
    }

    @Test
    void a_port_is_filled_in() {
        App app = command("sh", "{port}");
        assertThat(driver().listening(app)).isEqualTo(Listening.PORT);
        assertThat(driver().plan(app, site(new Endpoint.Tcp(4711))).argv()).containsExactly("sh", "4711");
    }

    @Test
    void a_command_that_says_nowhere_where_it_listens_is_an_obstacle() {
        assertThat(driver().obstacle(command("sh")))
                .hasValueSatisfying(text -> assertThat(text).contains("{socket}"));
        assertThat(driver().obstacle(command("sh", "{port}", "{socket}"))).isPresent();
        assertThat(driver().obstacle(command("sh", "{socket}"))).isEmpty();
        assertThat(driver().obstacle(command())).isPresent();
    }

    @Test
    void a_program_that_is_not_there_is_an_obstacle() {
        assertThat(driver().obstacle(command("no-such-thing", "{socket}")))
                .hasValueSatisfying(text -> assertThat(text).contains("no-such-thing"));
    }

    @Test
    void where_users_are_kept_apart_a_port_is_in_a_network_of_its_own() {
        KindDriver apart = new WebDriver(true);
        App app = command("sh", "{port}");
        assertThat(apart.listening(app)).isEqualTo(Listening.SOCKET);
        KindDriver.Plan plan = apart.plan(app, site(new Endpoint.Unix("/run/carrel/" + ID + "/s")));
        assertThat(plan.environment()).containsKey(org.carrel.launch.LaunchSpec.OWN_NETWORK);
        assertThat(plan.argv()).startsWith("perl", "-e").endsWith("/run/carrel/" + ID + "/s", "8000", "sh", "8000");
        assertThat(new WebDriver(new Programs(List.of("/nowhere")), true).obstacle(app))
                .hasValueSatisfying(text -> assertThat(text).contains("perl"));
    }
}
