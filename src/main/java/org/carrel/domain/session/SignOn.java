package org.carrel.domain.session;

import static org.carrel.domain.Require.require;

import java.util.Optional;

/// As whom a session's user is known to a server that asks for proof. Fixed when the session begins: what its app says
/// later changes nothing.
/// @param account of the machine
/// @param key     path of the file by which the proof is made; empty: the session's own secret is the key
public record SignOn(String account, Optional<String> key) {
    public SignOn {
        require(!account.isBlank() && account.length() <= 256, "an account has 1 to 256 characters");
    }
}
