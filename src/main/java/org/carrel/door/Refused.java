package org.carrel.door;

import java.io.IOException;

/// Another node's door answered a preface with something else than `OPEN`.
public final class Refused extends IOException {
    private final Status status;

    Refused(Status status) {
        super(status.sentence());
        this.status = status;
    }

    public Status status() {
        return status;
    }
}
