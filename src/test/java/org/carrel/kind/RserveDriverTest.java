package org.carrel.kind;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.carrel.domain.app.App;
import org.carrel.domain.app.Service;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RserveDriverTest extends KindContract {
    private static final Service EACH = new Service(List.of(), false, List.of(), false, 1, Optional.empty());

    @TempDir
    Path temporary;

    @Override
    KindDriver driver() {
        return new RserveDriver();
    }

    @Override
    App app() {
        return app(driver(), Optional.empty(), List.of()).as(EACH);
    }

    @Test
    void it_listens_on_no_port_and_may_not_be_shut_down_by_a_client() {
        String configuration = plan().files().get("Rserv.conf");
        assertThat(configuration.lines())
                .contains("remote disable", "shutdown disable", "socket /run/carrel/" + ID + "/s")
                .noneMatch(line -> line.startsWith("port ") || line.contains("websockets") || line.contains("http"));
    }

    @Test
    void what_its_directory_has_for_it_is_run_before_the_first_connection() throws Exception {
        App app = app(driver(), Optional.of(temporary.toString()), List.of()).as(EACH);
        assertThat(driver().plan(app, site(endpoint())).files().get("Rserv.conf"))
                .doesNotContain("source ");
        Path before = Files.writeString(temporary.resolve(RserveDriver.BEFORE), "answer <- 42");
        assertThat(driver().plan(app, site(endpoint()))
                        .files()
                        .get("Rserv.conf")
                        .lines())
                .contains("source " + before);
    }

    @Test
    void what_it_needs_is_said() {
        KindDriver nowhere = new RserveDriver(new Programs(List.of()));
        assertThat(nowhere.obstacle(app()))
                .hasValueSatisfying(text -> assertThat(text).contains("apt-get install r-base-core r-cran-rserve"));
        assertThat(driver().obstacle(app(driver(), Optional.empty(), List.of())))
                .hasValueSatisfying(text -> assertThat(text).contains("per-node: 1"));
        assertThat(driver().obstacle(app(driver(), Optional.of("/no/such"), List.of())
                        .as(EACH)))
                .contains("there is no directory /no/such");
    }
}
