package org.carrel.control;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.carrel.domain.route.Origin;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.UserId;
import org.carrel.http.Answer;
import org.carrel.http.Answer.Event;
import org.carrel.http.Feed;
import org.carrel.http.Request;
import org.carrel.http.Request.Proof;
import org.carrel.port.Identities;
import org.carrel.port.Identities.Identity;

/// Open event streams: at most so many for one user, and each asks again who is there (R25), so that a sign-out or a
/// revoked token ends it.
final class Streams {
    static final int MOST_PER_USER = 64;
    static final Duration RECHECK = Duration.ofSeconds(60);

    private final Identities identities;
    private final LongSupplier nanos;
    private final Map<UserId, Integer> open = new ConcurrentHashMap<>();

    Streams(Identities identities) {
        this(identities, System::nanoTime);
    }

    /// @param nanos a clock that only rises
    Streams(Identities identities, LongSupplier nanos) {
        this.identities = identities;
        this.nanos = nanos;
    }

    /// @throws Refusal with 429 when this user has too many open already
    Answer open(Call call, Function<Principal, Feed<Event>> feed) {
        UserId user = call.asker().user();
        if (open.merge(user, 1, Integer::sum) > MOST_PER_USER) {
            release(user);
            throw call.refuse(429, "you have " + MOST_PER_USER + " event streams open; close some");
        }
        try {
            return new Answer.Events(new Watched(feed.apply(call.asker()), call.request(), call.asker()));
        } catch (RuntimeException failed) {
            release(user);
            throw failed;
        }
    }

    int openFor(UserId user) {
        return open.getOrDefault(user, 0);
    }

    private void release(UserId user) {
        open.computeIfPresent(user, (_, count) -> count > 1 ? count - 1 : null);
    }

    private boolean stillThere(Request request, Principal principal) {
        if (request.proof() == Proof.LOCAL) return true;
        return identities.identify(request.head(), Origin.PORTAL) instanceof Identity.Known known
                && known.principal().equals(principal);
    }

    private final class Watched implements Feed<Event> {
        private final Feed<Event> feed;
        private final Request request;
        private final Principal principal;
        private final AtomicBoolean closed = new AtomicBoolean();
        private long checkAt = nanos.getAsLong() + RECHECK.toNanos();
        private boolean dismissed;

        Watched(Feed<Event> feed, Request request, Principal principal) {
            this.feed = feed;
            this.request = request;
            this.principal = principal;
        }

        @Override
        public Optional<Event> next(Duration patience) throws InterruptedException {
            if (nanos.getAsLong() - checkAt >= 0) {
                dismissed = !stillThere(request, principal);
                checkAt = nanos.getAsLong() + RECHECK.toNanos();
            }
            return dismissed ? Optional.empty() : feed.next(patience);
        }

        @Override
        public boolean ended() {
            return dismissed || feed.ended();
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) release(principal.user());
            feed.close();
        }
    }
}
