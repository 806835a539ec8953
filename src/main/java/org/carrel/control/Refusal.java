package org.carrel.control;

import org.carrel.http.Answer;

/// Ends the handling of one request with an error answer. Carries no stack: it is an answer, not a fault.
final class Refusal extends RuntimeException {
    private final transient Answer.Whole answer;

    Refusal(Answer.Whole answer) {
        super("refused with " + answer.status(), null, false, false);
        this.answer = answer;
    }

    Answer.Whole answer() {
        return answer;
    }
}
