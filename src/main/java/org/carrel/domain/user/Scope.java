package org.carrel.domain.user;

import java.util.Locale;
import java.util.Optional;

/// What a bearer of proof may do. A signed-in browser holds USE (and ADMIN, for administrators); a token holds what it
/// was made with.
public enum Scope {
    /// see and start apps; see, extend and stop one's own sessions
    USE,
    /// see and stop everybody's sessions, drain the node
    ADMIN,
    /// read `/metrics` from another machine
    METRICS,
    /// the words of the older cluster: see its nodes, and say what services this one works
    NODES;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Scope> of(String word) {
        for (Scope scope : values()) if (scope.word().equals(word)) return Optional.of(scope);
        return Optional.empty();
    }
}
