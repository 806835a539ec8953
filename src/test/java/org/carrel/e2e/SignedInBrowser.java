package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A browser's cookies for `localhost`, which know no port: so one sign-in serves programs on several ports, as it
/// would
/// several machines behind one name.
final class SignedInBrowser {
    private static final Pattern COOKIE = Pattern.compile("Set-Cookie: (carrel_[a-z]+)=([^;]*)");
    private static final Pattern CSRF = Pattern.compile("\"csrf\":\"([^\"]+)\"");
    private static final Pattern LOCATION = Pattern.compile("Location: http://([^/]+)(/\\S*)");

    private final Map<String, String> cookies = new LinkedHashMap<>();

    static SignedInBrowser at(int port, String user) throws IOException {
        SignedInBrowser browser = new SignedInBrowser();
        String host = "localhost:" + port;
        RawHttp answer = RawHttp.send(
                port,
                host,
                "POST",
                "/sign-in",
                "user=" + user + "&password=" + RunningCarrel.PASSWORD,
                "Origin: http://" + host,
                "Content-Type: application/x-www-form-urlencoded");
        browser.keep(answer);
        assertThat(browser.cookies).as(answer.head()).containsKey("carrel_portal");
        return browser;
    }

    /// What the portal says of the one who asks; `401` when it knows nobody.
    RawHttp me(int port) throws IOException {
        return RawHttp.send(port, "localhost:" + port, "GET", "/api/v1/me", "", cookieHeader());
    }

    /// The cookies are kept: a thief's copy would be.
    void signOut(int port) throws IOException {
        String host = "localhost:" + port;
        RawHttp me = me(port);
        Matcher csrf = CSRF.matcher(me.body());
        assertThat(csrf.find()).as(me.body()).isTrue();
        RawHttp out = RawHttp.send(
                port,
                host,
                "POST",
                "/sign-out",
                "",
                cookieHeader(),
                "Origin: http://" + host,
                "X-Carrel-Token: " + csrf.group(1));
        assertThat(out.statusLine()).contains(" 204 ");
    }

    /// On the portal's own host, in path mode.
    RawWebSocket webSocket(int port, String session) throws IOException {
        String host = "127.0.0.1:" + port;
        return new RawWebSocket(port, host, "/s/" + session + "/echo", cookieHeader(), "Origin: http://" + host);
    }

    /// A navigation, whose cookies are kept.
    RawHttp visit(int port, String host, String target) throws IOException {
        RawHttp answer = RawHttp.send(
                port,
                host + ":" + port,
                "GET",
                target,
                "",
                cookieHeader(),
                "Accept: text/html",
                "Sec-Fetch-Site: none");
        keep(answer);
        return answer;
    }

    /// @return path and query where a redirection leads
    static String target(RawHttp answer) {
        Matcher location = LOCATION.matcher(answer.head());
        assertThat(location.find()).as(answer.head()).isTrue();
        return location.group(2);
    }

    boolean has(String cookie) {
        return cookies.containsKey(cookie);
    }

    private void keep(RawHttp answer) {
        Matcher cookie = COOKIE.matcher(answer.head());
        while (cookie.find())
            if (cookie.group(2).isEmpty()) cookies.remove(cookie.group(1));
            else cookies.put(cookie.group(1), cookie.group(2));
    }

    private String cookieHeader() {
        return "Cookie: "
                + cookies.entrySet().stream()
                        .map(it -> it.getKey() + "=" + it.getValue())
                        .collect(Collectors.joining("; "));
    }
}
