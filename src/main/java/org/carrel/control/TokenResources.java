package org.carrel.control;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.carrel.api.ApiWords;
import org.carrel.api.Items;
import org.carrel.api.Me;
import org.carrel.api.TokenAnswer;
import org.carrel.api.TokenInfo;
import org.carrel.api.TokenRequest;
import org.carrel.control.Passwords.Checked;
import org.carrel.control.Route.Access;
import org.carrel.control.Route.Shape;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.http.Answer;
import org.carrel.port.Audit;
import org.carrel.port.Audit.Entry;
import org.carrel.port.Audit.What;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who asks, and the tokens by which programs ask. A token is only ever made with a password in the same request:
/// neither a cookie nor another token is enough (R8).
final class TokenResources {
    private static final Logger LOG = LoggerFactory.getLogger(TokenResources.class);
    private static final long LEAST_SECONDS = 60;
    private static final long MOST_SECONDS = 31_536_000;
    private static final long USUAL_SECONDS = 86_400;
    private static final int MOST_CREDENTIALS = 1024;

    private final TokenDesk tokens;
    private final Passwords passwords;
    private final CsrfCheck csrf;
    private final Audit audit;

    TokenResources(TokenDesk tokens, Passwords passwords, CsrfCheck csrf, Audit audit) {
        this.tokens = tokens;
        this.passwords = passwords;
        this.csrf = csrf;
        this.audit = audit;
    }

    List<Route> routes() {
        return List.of(
                Route.get(ApiWords.ME, "me", "Who you are")
                        .answers(200, new Shape.Record(Me.class), "you")
                        .by(this::me),
                Route.post(ApiWords.TOKENS, "makeToken", "Make a token, with name and password (Basic)")
                        .to(Access.PASSWORD)
                        .takes(TokenRequest.class)
                        .answers(201, new Shape.Record(TokenAnswer.class), "the token, shown this once")
                        .fails(429, "too many attempts; Retry-After says when to try again")
                        .by(this::make),
                Route.get(ApiWords.TOKENS, "listTokens", "Your tokens, without their secrets")
                        .answers(200, new Shape.ListOf(TokenInfo.class), "the tokens")
                        .by(call -> Call.json(
                                200, new Items<>(tokens.list(call.asker().user())))),
                Route.delete(ApiWords.TOKENS + "/{id}", "revokeToken", "Revoke a token at once")
                        .answers(204, new Shape.Nothing(), "it holds no more")
                        .fails(404, "you have no such token")
                        .by(this::revoke));
    }

    private Answer me(Call call) {
        Principal who = call.asker();
        return Call.json(
                200,
                new Me(
                        who.user().value(),
                        who.groups().stream().sorted().toList(),
                        who.isAdmin(),
                        csrf.tokenFor(call.request())));
    }

    private Answer make(Call call) throws IOException, InterruptedException {
        Principal who = prove(call);
        TokenRequest wanted = call.body(TokenRequest.class);
        long seconds = Optional.ofNullable(wanted.expiresIn()).orElse(USUAL_SECONDS);
        if (seconds < LEAST_SECONDS || seconds > MOST_SECONDS)
            throw call.refuse(400, "expiresIn: must be from " + LEAST_SECONDS + " to " + MOST_SECONDS + " seconds");
        Set<Scope> scopes = scopes(Optional.ofNullable(wanted.scopes()).orElse(List.of("use")), who, call);
        TokenAnswer made = tokens.make(who.user(), scopes, Duration.ofSeconds(seconds));
        LOG.info("token made user={} scopes={} expires={}", who.user(), made.scopes(), made.expires());
        audit.note(Entry.of(What.TOKEN_MADE, who.user(), Entry.OK)
                .with("scopes", String.join(",", made.scopes()))
                .with("expires", made.expires())
                .asked(call.head()));
        return Call.json(201, made);
    }

    private Answer revoke(Call call) {
        if (!tokens.revoke(call.asker().user(), call.name("id"))) throw call.refuse(404, "you have no such token");
        LOG.info("token revoked user={}", call.asker().user());
        audit.note(Entry.of(What.TOKEN_REVOKED, call.asker().user(), Entry.OK)
                .with("token", call.name("id"))
                .asked(call.head()));
        return Answer.empty(204);
    }

    private Principal prove(Call call) throws InterruptedException {
        String[] credentials = basic(call).orElseThrow(() -> needPassword(call, "send name and password (Basic)"));
        return switch (passwords.check(credentials[0], credentials[1], call.head())) {
            case Checked.Right(var principal) -> principal;
            case Checked.Wrong() -> throw needPassword(call, "name or password is wrong");
            case Checked.Later(var wait) ->
                throw new Refusal(Problems.retry(call.head(), 429, "throttled", "too many attempts; wait", wait));
        };
    }

    private static Refusal needPassword(Call call, String why) {
        return new Refusal(Problems.of(call.head(), 401, why)
                .with("WWW-Authenticate", "Basic realm=\"carrel\", charset=\"UTF-8\""));
    }

    /// Source: RFC 7617.
    /// @return name and password
    private static Optional<String[]> basic(Call call) {
        List<String> given = call.head().headers("Authorization");
        if (given.size() != 1 || !given.getFirst().regionMatches(true, 0, "Basic ", 0, 6)) return Optional.empty();
        String encoded = given.getFirst().substring(6).trim();
        if (encoded.length() > MOST_CREDENTIALS) return Optional.empty();
        try {
            String plain = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
            int colon = plain.indexOf(':');
            if (colon < 0) return Optional.empty();
            return Optional.of(new String[] {plain.substring(0, colon), plain.substring(colon + 1)});
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static Set<Scope> scopes(List<String> words, Principal who, Call call) {
        List<String> mine = new ArrayList<>();
        for (Scope scope : Scope.values()) if (who.may(scope)) mine.add(scope.word());
        if (words.isEmpty()) throw call.refuse(400, "scopes: at least one of " + String.join(", ", mine));
        EnumSet<Scope> scopes = EnumSet.noneOf(Scope.class);
        for (String word : words) {
            Scope scope = Optional.ofNullable(word)
                    .flatMap(Scope::of)
                    .filter(who::may)
                    .orElseThrow(() -> call.refuse(400, "scopes: may hold " + String.join(", ", mine)));
            scopes.add(scope);
        }
        return scopes;
    }
}
