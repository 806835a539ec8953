package org.carrel.front;

/// Why a connection of a front came to its end, or never began.
public enum Ended {
    /// its client closed it
    CLIENT("the client closed it"),
    /// R ended, or its node
    SERVER("the server closed it"),
    IDLE("nothing was asked for too long"),
    /// what R answered piled up, and none of it was taken
    STALLED("it took nothing of what waited for it for too long"),
    AGE("it was open for as long as it may be"),
    /// its copy takes nobody any more
    STOPPED("the copy it was on was stopped"),
    /// from an address that may not
    ADDRESS("its address is not in allow"),
    CROWDED("too many connections"),
    /// its address has `per-client` already
    PER_CLIENT("its address has as many connections as one may have"),
    /// nothing was free in time
    UNAVAILABLE("no copy had room for it in time"),
    /// a message that is too long, or a forbidden one in the middle of another
    PROTOCOL("it broke the protocol"),
    CLOSING("this gateway stops");

    private final String sentence;

    Ended(String sentence) {
        this.sentence = sentence;
    }

    public String sentence() {
        return sentence;
    }
}
