package org.carrel.control.page;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import org.carrel.api.Json;
import org.carrel.domain.route.Addresses;
import org.carrel.http.Answer;
import org.carrel.http.Header;
import org.carrel.http.RequestHead;

/// Puts facts into templates, and around each page the policy that keeps others' scripts, frames and forms out (R6).
final class PageWriter {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Set<String> LANGUAGES = Set.of("en", "fr");

    private final WebFiles files;
    private final Supplier<Addresses> addresses;

    PageWriter(WebFiles files, Supplier<Addresses> addresses) {
        this.files = files;
        this.addresses = addresses;
    }

    /// a page of the portal
    Answer.Whole page(RequestHead head, int status, Facts facts) {
        return page(head, status, facts, "/web");
    }

    /// @param web where the static files lie, as this page's address sees it
    Answer.Whole page(RequestHead head, int status, Facts facts, String web) {
        byte[] random = new byte[16];
        RANDOM.nextBytes(random);
        String nonce = Base64.getEncoder().encodeToString(random);
        String template = files.template(facts.page()).orElse(PLAIN);
        String html = template.replace("=\"/web/", "=\"" + web + "/")
                .replace("{{web}}", web)
                .replace("{{lang}}", language(head))
                .replace("{{nonce}}", nonce)
                .replace("{{facts}}", inScript(Json.text(facts)));
        List<Header> headers = new ArrayList<>(SAFETY);
        headers.add(new Header("Content-Security-Policy", policy(head, nonce)));
        headers.add(new Header("Vary", "Accept-Language"));
        Answer.Whole answer = Answer.html(status, html);
        headers.addAll(answer.headers());
        return new Answer.Whole(status, headers, answer.body());
    }

    /// For pages and redirects alike. ///
    /// The Referrer-Policy is not `no-referrer`: with that, browsers send `Origin: null` with the forms of a
    /// page, and
    /// the check of the exact Origin would have nothing to hold on to. `same-origin` tells other sites as little.
    /// Source: Fetch standard, "append a request Origin header".
    static final List<Header> SAFETY = List.of(
            new Header("Cache-Control", "no-store"),
            new Header("X-Content-Type-Options", "nosniff"),
            new Header("Referrer-Policy", "same-origin"),
            new Header("X-Frame-Options", "DENY"),
            new Header("Cross-Origin-Opener-Policy", "same-origin"),
            new Header("Cross-Origin-Resource-Policy", "same-origin"));

    static Answer.Whole redirect(int status, String location) {
        List<Header> headers = new ArrayList<>(SAFETY);
        headers.add(new Header("Location", location));
        return new Answer.Whole(status, headers, new byte[0]);
    }

    private String policy(RequestHead head, String nonce) {
        return "default-src 'none'; script-src 'self' 'nonce-" + nonce + "'; style-src 'self'; img-src 'self' data:; "
                + "connect-src 'self'; font-src 'self'; form-action 'self'" + contentOrigins(head)
                + "; frame-ancestors 'none'; base-uri 'none'";
    }

    /// Browsers hold the redirect that answers a form to `form-action` too.
    private String contentOrigins(RequestHead head) {
        Addresses now = addresses.get();
        List<String> names = new ArrayList<>(
                now.services().owners().keySet().stream().sorted().toList());
        if (now.hasOwnOrigins(head.host())) now.contentDomain().ifPresent(domain -> names.add("*." + domain));
        StringBuilder origins = new StringBuilder();
        for (String name : names)
            origins.append(' ')
                    .append(head.scheme())
                    .append("://")
                    .append(name)
                    .append(Addresses.portIn(head.authority()));
        return origins.toString();
    }

    /// `<` could end the script or begin a comment; U+2028 and U+2029 end lines in older engines.
    static String inScript(String json) {
        return json.replace("<", "\\u003c")
                .replace(">", "\\u003e")
                .replace("&", "\\u0026")
                .replace("\u2028", "\\u2028")
                .replace("\u2029", "\\u2029");
    }

    /// the first language of the browser's list that we speak; the weights are in falling order in practice
    private static String language(RequestHead head) {
        String accepted = head.header("Accept-Language").orElse("");
        for (String range :
                accepted.substring(0, Math.min(accepted.length(), 200)).split(",")) {
            String language = range.strip().split("[-;]", 2)[0].toLowerCase(Locale.ROOT);
            if (LANGUAGES.contains(language)) return language;
        }
        return "en";
    }

    /// when the program was built without its pages
    private static final String PLAIN = "<!doctype html><html lang=\"{{lang}}\"><title>Carrel</title>"
            + "<script type=\"application/json\" id=\"facts\">{{facts}}</script>"
            + "<form method=post action=/sign-in><input name=user><input name=password type=password><button>Sign in";
}
