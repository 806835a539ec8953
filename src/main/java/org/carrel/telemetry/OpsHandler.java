package org.carrel.telemetry;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.carrel.api.Json;
import org.carrel.domain.user.Scope;
import org.carrel.http.Answer;
import org.carrel.http.Handler;
import org.carrel.http.Request;
import org.carrel.http.RequestHead;

/// `/metrics`, `/health/live` and `/health/ready`, for machines.
///
/// Metrics and the reasons for not being ready are for this machine, or for bearers of scope `metrics` or `admin`; the
/// bare status of health is for everybody, since load balancers ask for it.
public final class OpsHandler implements Handler {
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private final Metrics metrics;
    private final List<Check> checks;

    /// Something that must hold before users are sent here.
    /// @param obstacle a sentence, while it doesn't hold
    public record Check(String name, Supplier<Optional<String>> obstacle) {}

    public OpsHandler(Metrics metrics, List<Check> checks) {
        this.metrics = metrics;
        this.checks = List.copyOf(checks);
    }

    @Override
    public Answer answer(Request request) {
        RequestHead head = request.head();
        if (!head.method().equals("GET") && !head.method().equals("HEAD"))
            return Answer.text(405, "this page knows GET\n").with("Allow", "GET, HEAD");
        Answer.Whole answer = switch (head.path()) {
            case "/metrics" -> mayRead(request) ? readMetrics() : refuse(request);
            case "/health/live" -> Answer.json(200, Json.bytes(Map.of("live", true)));
            case "/health/ready" -> ready(mayRead(request));
            default -> Answer.text(404, "no such page\n");
        };
        return answer.with("Cache-Control", "no-store");
    }

    private Answer.Whole readMetrics() {
        return Answer.of(200, PROMETHEUS, metrics.scrape().getBytes(StandardCharsets.UTF_8));
    }

    private Answer.Whole ready(boolean detailed) {
        Map<String, String> obstacles = new LinkedHashMap<>();
        for (Check check : checks) obstacle(check).ifPresent(why -> obstacles.put(check.name(), why));
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("ready", obstacles.isEmpty());
        if (detailed && !obstacles.isEmpty()) body.put("notReady", obstacles);
        Answer.Whole answer = Answer.json(obstacles.isEmpty() ? 200 : 503, Json.bytes(body));
        return obstacles.isEmpty() ? answer : answer.with("Retry-After", "5");
    }

    /// A check that breaks doesn't hold.
    private static Optional<String> obstacle(Check check) {
        try {
            return check.obstacle().get();
        } catch (RuntimeException broken) {
            return Optional.of("the check itself failed: " + broken);
        }
    }

    private static Answer.Whole refuse(Request request) {
        int status = request.principal().isEmpty() ? 401 : 403;
        Answer.Whole answer = Answer.text(status, "metrics need a token with the scope metrics, or this machine\n");
        return status == 401 ? answer.with("WWW-Authenticate", "Bearer realm=\"carrel\"") : answer;
    }

    private static boolean mayRead(Request request) {
        boolean allowed = request.principal()
                .filter(who -> who.may(Scope.METRICS) || who.isAdmin())
                .isPresent();
        return allowed || isFromThisMachine(request.head());
    }

    /// A proxy on this machine that nobody declared as trusted makes the whole world look like loopback; such a request
    /// says on whose behalf it comes, and is then not ours.
    private static boolean isFromThisMachine(RequestHead head) {
        return head.remote().isLoopbackAddress()
                && head.header("X-Forwarded-For").isEmpty()
                && head.header("Forwarded").isEmpty()
                && head.header("X-Real-IP").isEmpty()
                && head.header("Via").isEmpty();
    }
}
