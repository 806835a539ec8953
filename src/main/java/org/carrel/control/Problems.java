package org.carrel.control;

import java.time.Duration;
import java.util.Optional;
import org.carrel.api.ApiWords;
import org.carrel.api.Json;
import org.carrel.api.Problem;
import org.carrel.http.Answer;
import org.carrel.http.RequestHead;

/// Errors for programs: RFC 9457. No stack, no address of a workload; the request id leads to the log.
public final class Problems {
    private static final String PLAIN = "about:blank";
    private static final String OURS = "urn:carrel:";

    private Problems() {}

    /// @param detail a sentence with the next step
    public static Answer.Whole of(RequestHead head, int status, String detail) {
        return answer(head, PLAIN, status, detail);
    }

    /// @param word that programs may depend on, for example `full`
    public static Answer.Whole named(RequestHead head, int status, String word, String detail) {
        return answer(head, OURS + word, status, detail);
    }

    /// @param wait rounded up to whole seconds, at least 1
    public static Answer.Whole retry(RequestHead head, int status, String word, String detail, Duration wait) {
        long seconds = Math.max(1, wait.plusMillis(999).toSeconds());
        return named(head, status, word, detail).with("Retry-After", Long.toString(seconds));
    }

    /// @param position in line; empty when it waits for something else
    static Answer.Whole waiting(
            RequestHead head, String word, String detail, String ticket, Optional<Integer> position, Duration again) {
        Problem problem = problem(head, OURS + word, 503, detail).waiting(ticket, position.orElse(null));
        return answer(problem).with("Retry-After", Long.toString(Math.max(1, again.toSeconds())));
    }

    private static Answer.Whole answer(RequestHead head, String type, int status, String detail) {
        return answer(problem(head, type, status, detail));
    }

    private static Problem problem(RequestHead head, String type, int status, String detail) {
        return new Problem(type, title(status), status, detail, head.id().value());
    }

    private static Answer.Whole answer(Problem problem) {
        return Answer.of(problem.status(), ApiWords.PROBLEM_TYPE, Json.bytes(problem))
                .with("Cache-Control", "no-store");
    }

    private static String title(int status) {
        return switch (status) {
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 406 -> "Not Acceptable";
            case 409 -> "Conflict";
            case 413 -> "Content Too Large";
            case 415 -> "Unsupported Media Type";
            case 429 -> "Too Many Requests";
            case 500 -> "Internal Server Error";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            default -> "Error";
        };
    }
}
