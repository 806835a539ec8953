package org.carrel.control.page;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.carrel.api.TokenAnswer;
import org.carrel.api.TokenInfo;
import org.carrel.auth.Auth;
import org.carrel.auth.SignIn.Outcome;
import org.carrel.auth.Tokens;
import org.carrel.control.CsrfCheck;
import org.carrel.control.Passwords;
import org.carrel.control.TokenDesk;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.carrel.http.Request;
import org.carrel.http.RequestHead;

/// `Auth`, as the REST interface sees it.
public final class AuthFaces {
    private AuthFaces() {}

    public static Passwords passwords(Auth auth) {
        return (String user, String password, RequestHead asked) -> switch (auth.signIn()
                .attempt(user, password, asked)) {
            case Outcome.Welcome(var account) -> new Passwords.Checked.Right(account.principal());
            case Outcome.Wrong() -> new Passwords.Checked.Wrong();
            case Outcome.Wait(var left) -> new Passwords.Checked.Later(left);
            case Outcome.Busy(var left) -> new Passwords.Checked.Later(left);
        };
    }

    public static CsrfCheck csrf(Auth auth) {
        return new CsrfCheck() {
            @Override
            public Optional<String> objection(Request request) {
                return auth.csrf().objection(request);
            }

            @Override
            public String tokenFor(Request request) {
                return request.proof() == Request.Proof.COOKIE ? auth.csrf().tokenFor(request.head()) : "";
            }
        };
    }

    public static TokenDesk tokens(Auth auth) {
        Tokens tokens = auth.tokens();
        return new TokenDesk() {
            @Override
            public TokenAnswer make(UserId user, Set<Scope> scopes, Duration life) {
                try {
                    return tokens.make(user, scopes, life);
                } catch (IOException disk) {
                    throw new UncheckedIOException("the token can't be written down", disk);
                }
            }

            @Override
            public List<TokenInfo> list(UserId user) {
                return tokens.list(user);
            }

            @Override
            public boolean revoke(UserId user, String id) {
                try {
                    return tokens.revoke(user, id);
                } catch (IOException disk) {
                    throw new UncheckedIOException("the token can't be taken back", disk);
                }
            }
        };
    }
}
