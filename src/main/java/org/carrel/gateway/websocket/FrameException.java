package org.carrel.gateway.websocket;

/// A frame that breaks the protocol or a limit; without stack trace, because strangers cause it.
public final class FrameException extends Exception {
    public static final int PROTOCOL_ERROR = 1002;
    public static final int TOO_BIG = 1009;

    private final int code;

    FrameException(int code, String why) {
        super(why, null, false, false);
        this.code = code;
    }

    /// for the close frame
    public int code() {
        return code;
    }
}
