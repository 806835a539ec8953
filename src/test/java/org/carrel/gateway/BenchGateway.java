package org.carrel.gateway;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.route.Addresses;
import org.carrel.domain.route.Origin;
import org.carrel.domain.route.Place;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.carrel.http.Answer;
import org.carrel.http.Feed;
import org.carrel.http.Request;
import org.carrel.http.RequestHead;
import org.carrel.port.Admission;
import org.carrel.port.Identities;
import org.carrel.port.Lease;
import org.carrel.port.Pages;
import org.carrel.port.Standing;
import org.carrel.port.View;
import org.carrel.port.Views;

/// The gateway alone, with as many routes as one likes, for `bench/run --gateway-only`: no agent, no sessions, but a
/// cookie with a signature that is checked, leases that count, and metrics.
///
/// Arguments: port, path of the origins' sockets without their number, number of origins, number of routes, file for
/// the
/// routes (lines `HOST PREFIX MARK COOKIE` as `bench/load` reads them).
public final class BenchGateway {
    private static final Principal ADA = new Principal(new UserId("ada"), Set.of("stats"), Set.of(Scope.USE));
    private static final String COOKIE = "carrel_portal";

    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[0]);
        int origins = Integer.parseInt(args[2]);
        Map<SessionId, Endpoint> routes = new HashMap<>();
        List<String> lines = new ArrayList<>();
        Signed signed = new Signed();
        String host = "127.0.0.1:" + port;
        for (int i = 0; i < Integer.parseInt(args[3]); i++) {
            SessionId id = id(i);
            routes.put(id, new Endpoint.Unix(args[1] + i % origins));
            lines.add(host + " /s/" + id + " " + (char) ('0' + i % origins) + " " + COOKIE + "=" + signed.cookie());
        }
        Addresses addresses = new Addresses(Set.of("127.0.0.1", "localhost"), Optional.empty());
        GatewaySettings settings = GatewaySettings.on(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        try (Gateway gateway = Gateway.listen(
                settings,
                () -> addresses,
                signed,
                new NoViews(),
                admitting(routes),
                new NoPages(),
                new CountingMetrics())) {
            Path whole = Path.of(args[4] + ".new");
            Files.write(whole, lines);
            Files.move(whole, Path.of(args[4]), StandardCopyOption.ATOMIC_MOVE);
            System.out.println("listening on " + gateway.address());
            Thread.currentThread().join();
        }
    }

    private static SessionId id(int number) throws GeneralSecurityException {
        byte[] digest = MessageDigest.getInstance("SHA-256")
                .digest(Integer.toString(number).getBytes(StandardCharsets.US_ASCII));
        return SessionId.of(java.util.Arrays.copyOf(digest, 10));
    }

    private static Admission admitting(Map<SessionId, Endpoint> routes) {
        return knock -> {
            Endpoint endpoint = routes.get(knock.session());
            if (endpoint == null) return new Admission.Verdict.Absent();
            return new Admission.Verdict.Open(endpoint, ProxyRules.PLAIN, List.of(), new CountingLease());
        };
    }

    private static final class CountingLease implements Lease {
        private final AtomicLong input = new AtomicLong();
        private final AtomicLong connections = new AtomicLong();

        @Override
        public void sawInput(long bytes) {
            input.addAndGet(bytes);
        }

        @Override
        public void connections(int change) {
            connections.addAndGet(change);
        }

        @Override
        public boolean stillAllowed() {
            return true;
        }

        @Override
        public void close() {}
    }

    /// Payload and HMAC-SHA256 of it, as long as the real portal cookie is.
    private static final class Signed implements Identities {
        private static final SecretKeySpec KEY = new SecretKeySpec(new byte[32], "HmacSHA256");
        private final ThreadLocal<Mac> macs = ThreadLocal.withInitial(Signed::mac);

        String cookie() {
            String payload = Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString("ada 1795312345 1795355545 nonce-nonce-nonce".getBytes(StandardCharsets.US_ASCII));
            return payload + "." + signature(payload);
        }

        @Override
        public Identity identify(RequestHead head, Origin origin) {
            String cookies = head.header("Cookie").orElse("");
            int from = cookies.indexOf(COOKIE + "=");
            if (from < 0) return new Identity.Nobody();
            int end = cookies.indexOf(';', from);
            String value = cookies.substring(from + COOKIE.length() + 1, end < 0 ? cookies.length() : end);
            int dot = value.indexOf('.');
            if (dot < 0) return new Identity.Refused(401, "not ours");
            byte[] wanted = signature(value.substring(0, dot)).getBytes(StandardCharsets.US_ASCII);
            byte[] given = value.substring(dot + 1).getBytes(StandardCharsets.US_ASCII);
            if (!MessageDigest.isEqual(wanted, given)) return new Identity.Refused(401, "forged");
            return new Identity.Known(ADA, Request.Proof.COOKIE, Standing.LASTING);
        }

        @Override
        public long version() {
            return 0;
        }

        private String signature(String payload) {
            byte[] digest = macs.get().doFinal(payload.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        }

        private static Mac mac() {
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(KEY);
                return mac;
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException("every Java has HMAC-SHA256", impossible);
            }
        }
    }

    private static final class NoViews implements Views {
        @Override
        public View current() {
            return View.EMPTY;
        }

        @Override
        public Feed<View> follow() {
            return new Feed<>() {
                @Override
                public Optional<View> next(Duration patience) {
                    return Optional.empty();
                }

                @Override
                public boolean ended() {
                    return true;
                }

                @Override
                public void close() {}
            };
        }
    }

    private static final class NoPages implements Pages {
        @Override
        public Answer portal(Request request) {
            return Answer.text(200, "the portal\n");
        }

        @Override
        public Answer beside(Request request, Place.Beside place) {
            return Answer.empty(404);
        }

        @Override
        public Answer besideService(Request request, Place.BesideService place) {
            return Answer.empty(404);
        }

        @Override
        public Answer instead(Request request, Place.InSession place, Hindrance hindrance) throws IOException {
            return Answer.text(502, hindrance + "\n");
        }
    }
}
