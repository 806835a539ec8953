package org.carrel.support;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.carrel.http.Header;
import org.carrel.http.Request;
import org.carrel.http.RequestHead;
import org.carrel.http.RequestId;

/// A request with real values, built step by step. Immutable: each step gives a new one.
///
///     TestRequest.post("/api/v1/sessions").as("ada").json("{\"app\":\"faithful\"}")
public record TestRequest(
        String method,
        String path,
        String query,
        String authority,
        String scheme,
        List<Header> allHeaders,
        InetAddress remote,
        RequestId id,
        Optional<Principal> principal,
        Proof proof,
        byte[] content)
        implements Request, RequestHead {

    public static TestRequest of(String method, String target) {
        int mark = target.indexOf('?');
        return new TestRequest(
                method,
                mark < 0 ? target : target.substring(0, mark),
                mark < 0 ? "" : target.substring(mark + 1),
                "localhost:8080",
                "http",
                List.of(),
                InetAddress.getLoopbackAddress(),
                new RequestId("test-1"),
                Optional.empty(),
                Proof.NONE,
                new byte[0]);
    }

    public static TestRequest get(String target) {
        return of("GET", target);
    }

    public static TestRequest post(String target) {
        return of("POST", target);
    }

    public static TestRequest delete(String target) {
        return of("DELETE", target);
    }

    /// signed in by cookie; no cookie is made, only the proof
    public TestRequest as(String user, String... groups) {
        boolean admin = Set.of(groups).contains("admin");
        Set<Scope> scopes = admin ? Set.of(Scope.USE, Scope.ADMIN, Scope.METRICS) : Set.of(Scope.USE);
        return by(new Principal(new UserId(user), Set.of(groups), scopes), Proof.COOKIE);
    }

    public TestRequest by(Principal principal, Proof proof) {
        return new TestRequest(
                method, path, query, authority, scheme, allHeaders, remote, id, Optional.of(principal), proof, content);
    }

    public TestRequest with(String name, String value) {
        List<Header> more = new ArrayList<>(allHeaders);
        more.add(new Header(name, value));
        return new TestRequest(
                method, path, query, authority, scheme, List.copyOf(more), remote, id, principal, proof, content);
    }

    public TestRequest at(String scheme, String authority) {
        return new TestRequest(
                method, path, query, authority, scheme, allHeaders, remote, id, principal, proof, content);
    }

    public TestRequest from(InetAddress remote) {
        return new TestRequest(
                method, path, query, authority, scheme, allHeaders, remote, id, principal, proof, content);
    }

    /// as a browser asks for a page when an address was typed
    public TestRequest navigation() {
        return navigation("none");
    }

    /// @param site as in `Sec-Fetch-Site`
    public TestRequest navigation(String site) {
        return with("Sec-Fetch-Site", site)
                .with("Sec-Fetch-Mode", "navigate")
                .with("Sec-Fetch-Dest", "document")
                .with("Accept", "text/html,*/*;q=0.8");
    }

    public TestRequest fetch() {
        return with("Sec-Fetch-Site", "same-origin")
                .with("Sec-Fetch-Mode", "cors")
                .with("Sec-Fetch-Dest", "empty")
                .with("Accept", "*/*");
    }

    public TestRequest json(String json) {
        return body("application/json", json);
    }

    public TestRequest form(String encoded) {
        return body("application/x-www-form-urlencoded", encoded);
    }

    public TestRequest body(String type, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        TestRequest typed = with("Content-Type", type).with("Content-Length", String.valueOf(bytes.length));
        return new TestRequest(
                method, path, query, authority, scheme, typed.allHeaders, remote, id, principal, proof, bytes);
    }

    @Override
    public RequestHead head() {
        return this;
    }

    @Override
    public InputStream body() {
        return new ByteArrayInputStream(content);
    }

    @Override
    public Map<String, String> parameters() {
        Map<String, String> found = new LinkedHashMap<>();
        for (String pair : query.split("&")) {
            if (pair.isEmpty()) continue;
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            String value = equals < 0 ? "" : pair.substring(equals + 1);
            found.putIfAbsent(decoded(name), decoded(value));
        }
        return found;
    }

    @Override
    public String host() {
        int colon = authority.lastIndexOf(':');
        return colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority;
    }

    @Override
    public Optional<String> header(String name) {
        return headers(name).stream().findFirst();
    }

    @Override
    public List<String> headers(String name) {
        return allHeaders.stream()
                .filter(header -> header.name().equalsIgnoreCase(name))
                .map(header -> header.value().trim())
                .toList();
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
