package org.carrel.main;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.carrel.config.FaceSettings;
import org.carrel.domain.route.Addresses;
import org.carrel.domain.route.Origin;
import org.carrel.domain.route.Place;
import org.carrel.face.maat.MaatFace;
import org.carrel.gateway.Gateway;
import org.carrel.gateway.GatewayMetrics;
import org.carrel.gateway.GatewaySettings;
import org.carrel.gateway.Limits;
import org.carrel.http.Answer;
import org.carrel.http.Feed;
import org.carrel.http.Handler;
import org.carrel.http.Request;
import org.carrel.http.RequestHead;
import org.carrel.launch.process.ProcWatch;
import org.carrel.port.Admission;
import org.carrel.port.Identities;
import org.carrel.port.LatestFeed;
import org.carrel.port.Pages;
import org.carrel.port.View;
import org.carrel.port.Views;
import org.carrel.telemetry.Metrics;

/// The port of Maât's balancers: a listener of its own that knows no session, no cookie and no user, and answers with
/// one handler. The first gateway's port stays free of it. To be opened before the gateway, so that a hot restart frees
/// the port before the successor wants it.
final class MaatPort implements AutoCloseable {
    /// balancers are few and keep connections; a page of theirs is one line
    private static final int CONNECTIONS = 256;

    private static final int AT_ONCE = 32;
    private static final int HEAD_BYTES = 4 << 10;

    private final Gateway listener;

    private MaatPort(Gateway listener) {
        this.listener = listener;
    }

    static MaatPort open(FaceSettings.Maat settings, Supplier<Addresses> addresses, Metrics metrics, InstantSource time)
            throws IOException {
        MaatFace face = new MaatFace(
                new MaatFace.Rules(
                        settings.process(), settings.processesPerUser(), settings.requestLife(), settings::mayAsk),
                new ProcWatch(time),
                time);
        measure(face, metrics);
        GatewaySettings usual = GatewaySettings.on(new InetSocketAddress(
                settings.listen().address(), settings.listen().port()));
        Gateway listener = Gateway.listen(
                new GatewaySettings(
                        usual.listen(),
                        limits(),
                        Duration.ofSeconds(1),
                        List.of(),
                        Optional.empty(),
                        1,
                        usual.nativeEpoll(),
                        Optional.empty()),
                addresses,
                NOBODY,
                NOTHING,
                _ -> new Admission.Verdict.Absent(),
                pages(face),
                GatewayMetrics.NONE);
        return new MaatPort(listener);
    }

    private static Limits limits() {
        Limits.Sizes sizes = Limits.Sizes.DEFAULT;
        Limits.Counts counts = Limits.Counts.DEFAULT;
        return new Limits(
                new Limits.Sizes(HEAD_BYTES, sizes.headFields(), 0, sizes.frameBytes()),
                new Limits.Counts(CONNECTIONS, CONNECTIONS, counts.requestsPerConnection(), AT_ONCE, 0, 1, 0),
                Limits.Silences.DEFAULT);
    }

    private static void measure(MaatFace face, Metrics metrics) {
        face.asked()
                .forEach((word, count) -> metrics.counter(
                        "carrel.maat.requests",
                        "Answers to balancers that wanted to send a user here",
                        Map.of("answer", word),
                        count::sum));
        metrics.counter("carrel.maat.refused", "Balancers turned away", Map.of("reason", "address"), face::strangers);
        metrics.counter("carrel.maat.refused", "Balancers turned away", Map.of("reason", "rate"), face::hasty);
        metrics.gauge("carrel.maat.waiting", "Users sent here who have no process yet", Map.of(), face::waiting);
    }

    private static Pages pages(Handler face) {
        return new Pages() {
            @Override
            public Answer portal(Request request) throws IOException, InterruptedException {
                return face.answer(request);
            }

            @Override
            public Answer beside(Request request, Place.Beside place) {
                return Answer.text(404, "404: no sessions here\n");
            }

            @Override
            public Answer besideService(Request request, Place.BesideService place) {
                return Answer.text(404, "404: no services here\n");
            }

            @Override
            public Answer instead(Request request, Place.InSession place, Hindrance hindrance) {
                return Answer.text(404, "404: no sessions here\n");
            }
        };
    }

    private static final Identities NOBODY = new Identities() {
        @Override
        public Identity identify(RequestHead head, Origin origin) {
            return new Identity.Nobody();
        }

        @Override
        public long version() {
            return 0;
        }
    };

    private static final Views NOTHING = new Views() {
        @Override
        public View current() {
            return View.EMPTY;
        }

        @Override
        public Feed<View> follow() {
            return new LatestFeed<>(() -> {});
        }
    };

    int port() {
        return listener.address().getPort();
    }

    @Override
    public void close() {
        listener.close();
    }
}
