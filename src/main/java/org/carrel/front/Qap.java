package org.carrel.front;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/// Words of QAP1. Source: Rserve's `src/include/Rsrv.h`, 1.8-11; the statuses as that server answers.
final class Qap {
    /// what Rserve says to whoever connects, where no password is asked for
    static final String GREETING = "Rsrv0103QAP1\r\n\r\n--------------\r\n";

    static final int GREETING_BYTES = GREETING.length();

    /// of one message to Rserve: its own default (`maxinbuf`, 256 MiB)
    static final long MESSAGE_MOST = 262_144L << 10;

    static final int DISABLED = 0x61;
    static final int UNAVAILABLE = 0x62;
    static final int TOO_LARGE = 0x4b;

    private static final int ERROR = 0x10002;
    private static final int IS_ANSWER = 0x10000;
    private static final int OUT_OF_BAND = 0x20000;
    private static final int SHUTDOWN = 0x004;
    private static final int DETACH = 0x030;
    private static final int ATTACH_LAST = 0x03f;
    private static final int CONTROL = 0x040;
    private static final int CONTROL_LAST = 0x04f;

    private Qap() {}

    /// Commands for the server as a whole, which is everybody's, and those that leave a session behind on a port of the
    /// server's own machine.
    static boolean isForbidden(int command) {
        return command == SHUTDOWN
                || command >= DETACH && command <= ATTACH_LAST
                || command >= CONTROL && command <= CONTROL_LAST;
    }

    /// whether it wants an answer
    static boolean isRequest(int command) {
        return (command & (IS_ANSWER | OUT_OF_BAND)) == 0;
    }

    static boolean isAnswer(int command) {
        return (command & IS_ANSWER) != 0;
    }

    static ByteBuf greeting() {
        return Unpooled.copiedBuffer(GREETING, StandardCharsets.US_ASCII);
    }

    /// An answer that says what is wrong and holds nothing else.
    static ByteBuf error(int status, int id) {
        return Unpooled.buffer(QapStream.HEADER)
                .writeIntLE(ERROR | status << 24)
                .writeIntLE(0)
                .writeIntLE(id)
                .writeIntLE(0);
    }
}
