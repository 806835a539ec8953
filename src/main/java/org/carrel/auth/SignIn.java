package org.carrel.auth;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.carrel.auth.Authenticator.Credentials;
import org.carrel.auth.Authenticator.Verdict;
import org.carrel.domain.user.UserId;
import org.carrel.http.RequestHead;
import org.carrel.port.Audit;
import org.carrel.port.Audit.Entry;
import org.carrel.port.Audit.What;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the ways to sign in, in their order, slowly enough for guessers. Blocks: virtual threads only.
public final class SignIn {
    private static final Logger LOG = LoggerFactory.getLogger(SignIn.class);
    private static final int MAX_PASSWORD = 1024;
    private static final int MAX_WAITING = 64;
    private static final Duration WHEN_BUSY = Duration.ofSeconds(2);

    private final List<Authenticator> ways;
    private final Throttle throttle;
    private final Accounts accounts;
    private final Audit audit;
    private final Semaphore places = new Semaphore(MAX_WAITING);

    /// @param accounts of all ways together
    SignIn(List<Authenticator> ways, Throttle throttle, Accounts accounts, Audit audit) {
        this.ways = List.copyOf(ways);
        this.throttle = throttle;
        this.accounts = accounts;
        this.audit = audit;
    }

    public sealed interface Outcome {
        /// for the audit log
        default String word() {
            return switch (this) {
                case Welcome welcome -> Entry.OK;
                case Wrong wrong -> "wrong";
                case Wait wait -> "throttled";
                case Busy busy -> "busy";
            };
        }

        record Welcome(Account account) implements Outcome {}

        /// unknown user and wrong password: the same answer
        record Wrong() implements Outcome {}

        /// too many attempts, right or wrong
        record Wait(Duration left) implements Outcome {}

        /// too many are signing in at this moment
        record Busy(Duration retryAfter) implements Outcome {}
    }

    /// @param user     as typed, with any case and blanks around it
    /// @param password as typed
    public Outcome attempt(String user, String password, RequestHead asked) throws InterruptedException {
        Optional<UserId> id = userId(user);
        Outcome outcome = attempt(id, password, asked.remote());
        // a name nobody has may be a password in the wrong field
        String who = id.filter(it -> accounts.find(it).isPresent())
                .map(UserId::value)
                .orElse("");
        audit.note(Entry.of(What.SIGN_IN, who, outcome.word()).asked(asked));
        return outcome;
    }

    private Outcome attempt(Optional<UserId> id, String password, InetAddress from) throws InterruptedException {
        if (id.isEmpty() || password.isEmpty() || password.length() > MAX_PASSWORD) return new Outcome.Wrong();
        Optional<Duration> wait = throttle.attempt(id.get(), from);
        if (wait.isPresent()) {
            LOG.warn(
                    "sign-in throttled user={} from={} wait_ms={}",
                    id.get(),
                    from.getHostAddress(),
                    wait.get().toMillis());
            return new Outcome.Wait(wait.get());
        }
        if (!places.tryAcquire()) return new Outcome.Busy(WHEN_BUSY);
        try {
            return ask(new Credentials(id.get(), password), from);
        } finally {
            places.release();
        }
    }

    private Outcome ask(Credentials credentials, InetAddress from) throws InterruptedException {
        for (Authenticator way : ways) {
            switch (way.authenticate(credentials)) {
                case Verdict.Known(var account) -> {
                    throttle.succeeded(credentials.user(), from);
                    LOG.info("signed in user={} from={} by={}", account.user(), from.getHostAddress(), way.name());
                    return new Outcome.Welcome(account);
                }
                case Verdict.Challenge(var reason) -> {
                    LOG.warn(
                            "sign-in refused user={} from={} by={} cause={}",
                            credentials.user(),
                            from.getHostAddress(),
                            way.name(),
                            reason);
                    return new Outcome.Wrong();
                }
                case Verdict.NotMine() -> {}
            }
        }
        LOG.warn("sign-in refused user={} from={} cause=unknown", credentials.user(), from.getHostAddress());
        return new Outcome.Wrong();
    }

    private static Optional<UserId> userId(String typed) {
        // before lower case is made: the Kelvin sign would become a k
        if (!typed.chars().allMatch(c -> c < 0x80)) return Optional.empty();
        try {
            return Optional.of(new UserId(typed.strip().toLowerCase(Locale.ROOT)));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
