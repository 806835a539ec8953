package org.carrel.door;

import java.util.Optional;

/// The byte by which a door answers a preface. After `OPEN` follow the workload's bytes, after all others the end.
public enum Status {
    OPEN(0, "it is open"),
    NOT_YET(1, "the session isn't ready yet"),
    GONE(2, "the session has ended"),
    /// no such session, or not this user's
    ABSENT(3, "there is no such session of this user"),
    BAD(4, "the preface makes no sense"),
    /// the workload accepts no connection
    SILENT(5, "the session accepts no connection"),
    /// somebody else listens where the workload should
    FOREIGN(6, "its socket is held by another user"),
    FULL(7, "too many connections at once"),
    BROKEN(8, "something broke at that node"),
    ROLE(9, "this node's certificate doesn't give it the role gateway");

    private final int code;
    private final String sentence;

    Status(int code, String sentence) {
        this.code = code;
        this.sentence = sentence;
    }

    int code() {
        return code;
    }

    public String sentence() {
        return sentence;
    }

    static Optional<Status> of(int code) {
        for (Status status : values()) if (status.code == code) return Optional.of(status);
        return Optional.empty();
    }
}
