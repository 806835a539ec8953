package org.carrel.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.carrel.gateway.support.Stage.ADAS;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.session.Endpoint;
import org.carrel.gateway.support.Backend;
import org.carrel.gateway.support.RawClient;
import org.carrel.gateway.support.Stage;
import org.carrel.port.Pages.Hindrance;
import org.carrel.support.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A session's user may put anything where its socket should be. Who listens there must be that user all the same.
class ForeignSocketTest {
    private static final int ADAS_UID = 79_998;

    @TempDir
    Path temporary;

    @Needs(Needs.Thing.ROOT)
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_link_to_another_users_socket_is_not_followed(boolean epoll) throws Exception {
        Path adas = Files.createDirectory(temporary.resolve("adas"));
        Files.setAttribute(adas, "unix:uid", ADAS_UID);
        try (Backend bens = Backend.echo()) {
            bens.alsoOn(temporary.resolve("bens.sock"));
            Path link = Files.createSymbolicLink(adas.resolve("s"), temporary.resolve("bens.sock"));
            assertRefused(epoll, bens, new Endpoint.Unix(link.toString()));
        }
    }

    @Needs(Needs.Thing.ROOT)
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void another_user_in_the_very_place_is_refused(boolean epoll) throws Exception {
        Path adas = Files.createDirectory(temporary.resolve("adas"));
        try (Backend stranger = Backend.echo()) {
            Endpoint endpoint = stranger.alsoOn(adas.resolve("s"));
            Files.setAttribute(adas, "unix:uid", ADAS_UID);
            assertRefused(epoll, stranger, endpoint);
        }
    }

    private static void assertRefused(boolean epoll, Backend stranger, Endpoint endpoint) throws Exception {
        try (Stage stage = new Stage(Stage.settings(Limits.DEFAULT).with(epoll))
                        .with(ADAS, "ada", endpoint, ProxyRules.PLAIN, List.of());
                RawClient client = stage.client()) {
            for (int i = 0; i < 3; i++)
                assertThat(client.exchange(stage.get("/")).status()).isEqualTo(502);
            assertThat(stage.hindered())
                    .extracting(Stage.Hindered::why)
                    .containsOnly(new Hindrance.Silent(false, "its socket is held by another user"));
            assertThat(stranger.seen()).isEmpty();
        }
    }

    @Test
    void a_session_whose_sockets_place_is_gone_is_silent() throws Exception {
        try (Stage stage = new Stage()
                        .with(ADAS, "ada", new Endpoint.Unix(temporary + "/gone/s"), ProxyRules.PLAIN, List.of());
                RawClient client = stage.client()) {
            assertThat(client.exchange(stage.get("/")).status()).isEqualTo(502);
            assertThat(stage.openLeases()).isZero();
        }
    }

    @Test
    void the_session_itself_is_let_in(@TempDir Path own) throws Exception {
        Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwx--x---"));
        for (boolean epoll : new boolean[] {true, false})
            try (Backend backend = Backend.echo();
                    Stage stage = new Stage(Stage.settings(Limits.DEFAULT).with(epoll))
                            .with(ADAS, "ada", backend.alsoOn(own.resolve("s" + epoll)), ProxyRules.PLAIN, List.of());
                    RawClient client = stage.client()) {
                assertThat(client.exchange(stage.get("/")).status()).isEqualTo(200);
            }
    }
}
