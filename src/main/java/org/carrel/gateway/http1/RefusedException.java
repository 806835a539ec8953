package org.carrel.gateway.http1;

/// What was sent has no single meaning, or is over a limit. Carries no stack trace: strangers can cause it as often as
/// they like.
public final class RefusedException extends Exception {
    private final int status;
    private final String why;

    /// @param why a sentence for whoever sent it; never repeats what was sent
    public RefusedException(int status, String why) {
        super(why, null, false, false);
        this.status = status;
        this.why = why;
    }

    /// what a client is answered; for an answer of a workload it becomes 502
    public int status() {
        return status;
    }

    public String why() {
        return why;
    }

    static RefusedException bad(String why) {
        return new RefusedException(400, why);
    }
}
