package org.carrel.control;

import java.util.Optional;
import org.carrel.http.Request;

/// Whether an unsafe request that a cookie proves was meant by its user: exact Origin, token in a header (R7).
public interface CsrfCheck {
    /// @return why it is refused; empty when it holds, or when the proof needs no such check
    Optional<String> objection(Request request);

    /// @return the token for pages of this asker; empty for proofs that need none
    String tokenFor(Request request);
}
