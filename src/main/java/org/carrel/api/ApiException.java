package org.carrel.api;

import java.io.IOException;
import java.util.Optional;

/// The server answered with an error. The message is its own sentence.
public final class ApiException extends IOException {
    private final int status;
    private final transient Optional<Problem> problem;

    ApiException(int status, Optional<Problem> problem) {
        super(problem.map(it -> Optional.ofNullable(it.detail()).orElse(it.title()))
                .orElse("the server answered " + status + " without a word we understand"));
        this.status = status;
        this.problem = problem;
    }

    public int status() {
        return status;
    }

    /// empty when something that isn't Carrel answered
    public Optional<Problem> problem() {
        return problem;
    }
}
