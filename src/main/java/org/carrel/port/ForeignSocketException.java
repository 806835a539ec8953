package org.carrel.port;

import java.io.IOException;

/// Another user listens where a session should. The message is a sentence that names both.
public final class ForeignSocketException extends IOException {
    public ForeignSocketException(String sentence) {
        super(sentence);
    }
}
