package org.carrel.control;

import java.net.InetAddress;
import java.time.Duration;
import org.carrel.domain.user.Principal;

/// Checks a name and a password. Slow on purpose; throttled for each user and address.
@FunctionalInterface
public interface Passwords {
    Checked check(String user, String password, InetAddress from) throws InterruptedException;

    sealed interface Checked {
        /// @param principal with everything the user may do
        record Right(Principal principal) implements Checked {}

        /// unknown user and wrong password: the same answer
        record Wrong() implements Checked {}

        /// too many attempts
        record Later(Duration retryAfter) implements Checked {}
    }
}
