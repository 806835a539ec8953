package org.carrel.control;

import java.time.Duration;
import org.carrel.domain.user.Principal;
import org.carrel.http.RequestHead;

/// Checks a name and a password. Slow on purpose; throttled for each user and address.
@FunctionalInterface
public interface Passwords {
    /// @param asked by which request, from which address
    Checked check(String user, String password, RequestHead asked) throws InterruptedException;

    sealed interface Checked {
        /// @param principal with everything the user may do
        record Right(Principal principal) implements Checked {}

        /// unknown user and wrong password: the same answer
        record Wrong() implements Checked {}

        /// too many attempts
        record Later(Duration retryAfter) implements Checked {}
    }
}
