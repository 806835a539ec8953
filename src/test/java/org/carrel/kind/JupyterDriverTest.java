package org.carrel.kind;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.carrel.domain.app.App;
import org.junit.jupiter.api.Test;

class JupyterDriverTest extends KindContract {
    @Override
    KindDriver driver() {
        return new JupyterDriver();
    }

    @Override
    App app() {
        return app(driver(), Optional.empty(), List.of());
    }

    @Test
    void the_token_is_in_its_file_and_in_the_header_the_gateway_sends() {
        assertThat(plan().files().get(JupyterDriver.CONFIGURATION)).contains(SECRET.value());
        assertThat(plan().inject().getFirst().value()).isEqualTo("token " + SECRET.value());
    }

    @Test
    void kernels_speak_over_sockets() {
        assertThat(plan().files().get(JupyterDriver.CONFIGURATION)).contains("KernelManager.transport = 'ipc'");
    }

    @Test
    void a_hostile_directory_stays_a_text() {
        assertThat(JupyterDriver.python("a'\\\n")).isEqualTo("'a\\u0027\\u005c\\u000a'");
    }

    @Test
    void without_jupyter_the_obstacle_says_how_to_install_it() {
        assertThat(new JupyterDriver(new Programs(List.of("/nowhere"))).obstacle(app()))
                .hasValueSatisfying(text -> assertThat(text).contains("apt-get install jupyter-notebook"));
    }
}
