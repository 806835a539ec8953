package org.carrel.port;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.carrel.domain.Require;
import org.carrel.domain.user.UserId;

/// What each gateway of a cluster must know of proofs: sign-ins that were ended, tokens that were made or revoked.
///
/// A node keeps all of it, whoever said it first, and tells it in the order in which it came to know it; whoever asks
/// again says how far it was. So what a node missed while it was cut off it hears from any that didn't.
public interface SharedProofs {
    /// facts of one answer
    int MOST = 1_000;

    /// Answers at once when there is news, else waits for some.
    /// @param run      of an earlier answer; with another than the present one all is told from the start
    /// @param position of that answer
    Told after(String run, long position, Duration patience) throws InterruptedException;

    /// Takes over what another node told; what is known already, or has expired, changes nothing.
    /// @throws IOException when it can't be written down; it holds nevertheless until this program ends
    void learn(List<Fact> facts) throws IOException;

    /// @param run      of the program that tells: positions of another one mean nothing
    /// @param position of the last fact told
    /// @param facts    at most `MOST`, oldest first
    record Told(String run, long position, List<Fact> facts) {
        public Told {
            facts = List.copyOf(facts);
        }
    }

    sealed interface Fact {
        /// @param login one sign-in
        /// @param ago   how long it is over: clocks may differ
        record SignedOut(String login, Duration ago) implements Fact {
            public SignedOut {
                Require.require(!ago.isNegative(), "what is told of has happened");
            }
        }

        /// There were too many sign-outs: cookies that bear an earlier time hold no more.
        record AllBefore(Instant issued) implements Fact {}

        /// @param digest  of the token, 43 of base64url
        /// @param revoked it was made and holds no more
        record Token(String digest, UserId user, Set<String> scopes, Instant created, Instant expires, boolean revoked)
                implements Fact {
            public Token {
                scopes = Set.copyOf(scopes);
            }
        }
    }
}
