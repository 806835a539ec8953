package org.carrel.auth;

import org.carrel.domain.user.UserId;

/// One way to prove who somebody is. Several may stand in line; the first that does not say NotMine decides.
public interface Authenticator {
    /// one word, for logs
    String name();

    /// Takes the same time for unknown users and for wrong passwords. May block: virtual threads only.
    Verdict authenticate(Credentials credentials) throws InterruptedException;

    /// @param user     well-formed
    /// @param password as typed, at most 1,024 characters; never logged
    record Credentials(UserId user, String password) {
        @Override
        public String toString() {
            return "Credentials[" + user + "]";
        }
    }

    sealed interface Verdict {
        record Known(Account account) implements Verdict {}

        /// This user is to be asked again.
        /// @param why for the log, not for the user: unknown and wrong look the same from outside
        record Challenge(String why) implements Verdict {}

        /// Others may know this user.
        record NotMine() implements Verdict {}
    }
}
