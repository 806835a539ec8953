package org.carrel.gateway;

import static org.carrel.domain.Require.require;

import java.time.Duration;

/// Every bound of the gateway. Over one of them: a clear status or page, never a hang.
public record Limits(Sizes sizes, Counts counts, Silences silences) {
    public static final Limits DEFAULT = new Limits(Sizes.DEFAULT, Counts.DEFAULT, Silences.DEFAULT);

    /// @param headBytes     of a request or an answer head, 1 KiB to 1 MiB; over it 431
    /// @param headFields    of a request or an answer head, 10 to 10,000; over it 431
    /// @param pageBodyBytes of a request that a page or the API reads, over it 413
    /// @param frameBytes    payload of one WebSocket frame, over it close 1009; frames are never held
    public record Sizes(int headBytes, int headFields, long pageBodyBytes, long frameBytes) {
        public static final Sizes DEFAULT = new Sizes(32 * 1024, 100, 1024 * 1024, 64L * 1024 * 1024);

        public Sizes {
            require(headBytes >= 1024 && headBytes <= 1 << 20, "head bytes must be 1 KiB to 1 MiB, not " + headBytes);
            require(headFields >= 10 && headFields <= 10_000, "head fields must be 10 to 10,000, not " + headFields);
            require(pageBodyBytes >= 0, "page body bytes can't be negative");
            require(frameBytes >= 125, "frame bytes must be at least 125");
        }
    }

    /// @param connections            of clients, all together; over it 503
    /// @param connectionsPerAddress  of clients; over it 503
    /// @param requestsPerConnection  after which it is closed politely
    /// @param pagesAtOnce            requests being answered on virtual threads; over it 503
    /// @param eventStreams           open streams of our own events; over it 503
    /// @param upstreamPerSession     connections to one session of one user, on one event loop; over it 503
    /// @param idleUpstreamPerSession of these, kept for the next request
    public record Counts(
            int connections,
            int connectionsPerAddress,
            int requestsPerConnection,
            int pagesAtOnce,
            int eventStreams,
            int upstreamPerSession,
            int idleUpstreamPerSession) {
        public static final Counts DEFAULT = new Counts(32_768, 4_096, 100_000, 1_000, 8_192, 256, 64);

        public Counts {
            require(connections > 0 && connectionsPerAddress > 0, "there must be room for a connection");
            require(requestsPerConnection > 0, "a connection must carry a request");
            require(pagesAtOnce > 0 && eventStreams >= 0, "there must be room for a page");
            require(upstreamPerSession > 0 && idleUpstreamPerSession >= 0, "there must be room for a session");
        }
    }

    /// Time limits are on silence only: nothing that moves is ever cut off. Kept with a precision of a quarter of the
    /// shortest, at best 20 ms, at worst 1 s.
    /// @param head         from a head's first byte to its last; over it 408
    /// @param body         without a byte of a request's body; over it 408
    /// @param keepAlive    between requests
    /// @param connect      to a session
    /// @param answer       without a byte of a session's answer (long polls!); over it a page that says so
    /// @param upstreamIdle an unused connection to a session is kept so long; less than any server there keeps it
    /// @param stall        without a client taking a byte of what waits for it
    /// @param ping         without a byte from a WebSocket's client, then it is pinged; after two more, closed
    /// @param recheck      all are asked so often whether they are still allowed, if no change is known
    public record Silences(
            Duration head,
            Duration body,
            Duration keepAlive,
            Duration connect,
            Duration answer,
            Duration upstreamIdle,
            Duration stall,
            Duration ping,
            Duration recheck) {
        public static final Silences DEFAULT = new Silences(
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                Duration.ofSeconds(75),
                Duration.ofSeconds(5),
                Duration.ofHours(1),
                Duration.ofSeconds(20),
                Duration.ofMinutes(5),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60));

        public Silences {
            require(
                    !shortest(head, body, keepAlive, connect, answer, upstreamIdle, stall, ping, recheck)
                            .isZero(),
                    "a time limit must be more than 0");
        }

        Duration precision() {
            long quarter = shortest(head, body, keepAlive, connect, answer, upstreamIdle, stall, ping, recheck)
                            .toMillis()
                    / 4;
            return Duration.ofMillis(Math.clamp(quarter, 20, 1000));
        }

        private static Duration shortest(Duration... durations) {
            Duration shortest = durations[0];
            for (Duration duration : durations) if (duration.compareTo(shortest) < 0) shortest = duration;
            return shortest.isNegative() ? Duration.ZERO : shortest;
        }
    }
}
