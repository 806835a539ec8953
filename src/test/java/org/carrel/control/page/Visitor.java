package org.carrel.control.page;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.carrel.http.Answer;
import org.carrel.support.TestRequest;

/// One browser: keeps cookies for each host, and may follow redirects.
final class Visitor {
    private static final int MAX_STEPS = 10;
    private final PageHouse house;
    private final Map<String, Map<String, String>> jars = new HashMap<>();
    /// every address that was asked for
    final List<String> seen = new ArrayList<>();

    Visitor(PageHouse house) {
        this.house = house;
    }

    Answer.Whole signIn(String user) {
        return signIn(user, user + "-pw", "/");
    }

    Answer.Whole signIn(String user, String password, String next) {
        return send(TestRequest.post("/sign-in")
                .with("Origin", "http://localhost:8080")
                .form("user=" + user + "&password=" + password + "&next=" + PageMeans.encoded(next)));
    }

    Answer.Whole send(TestRequest request) {
        return (Answer.Whole) sendAny(request);
    }

    Answer sendAny(TestRequest request) {
        Answer answer = house.ask(withCookies(request));
        seen.add(request.scheme() + "://" + request.authority() + request.path());
        if (answer instanceof Answer.Whole whole) keep(request.host(), whole);
        return answer;
    }

    /// types an address, and goes where it leads
    Answer.Whole visit(String address) {
        URI at = URI.create("http://localhost:8080").resolve(address);
        Answer.Whole answer = send(to(at).navigation());
        for (int step = 0; step < MAX_STEPS && answer.status() / 100 == 3; step++) {
            at = at.resolve(PageHouse.header(answer, "Location"));
            answer = send(to(at).navigation());
        }
        return answer;
    }

    TestRequest withCookies(TestRequest request) {
        Map<String, String> jar = jar(request.host());
        if (jar.isEmpty()) return request;
        return request.with(
                "Cookie",
                jar.entrySet().stream()
                        .map(it -> it.getKey() + "=" + it.getValue())
                        .collect(Collectors.joining("; ")));
    }

    Map<String, String> jar(String host) {
        return jars.computeIfAbsent(host, _ -> new LinkedHashMap<>());
    }

    static TestRequest to(URI at) {
        String query = at.getRawQuery();
        return TestRequest.get(at.getRawPath() + (query == null ? "" : "?" + query))
                .at(at.getScheme(), at.getRawAuthority());
    }

    private void keep(String host, Answer.Whole answer) {
        for (String cookie : PageHouse.all(answer, "Set-Cookie")) {
            String pair = cookie.substring(0, cookie.indexOf(';'));
            String name = pair.substring(0, pair.indexOf('='));
            if (cookie.contains("Max-Age=0;")) jar(host).remove(name);
            else jar(host).put(name, pair.substring(pair.indexOf('=') + 1));
        }
    }
}
