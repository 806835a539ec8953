package org.carrel.gateway.websocket;

import static org.carrel.domain.Require.require;

import io.netty.buffer.ByteBuf;
import java.util.OptionalInt;

/// Follows the frames of one direction without copying or changing them, however the bytes are cut.
///
/// Strict: masked exactly when they come from a client, lengths in their shortest form, control frames whole and of at
/// most 125 bytes, fragments in order, no reserved opcode or bit (but RSV1 when an extension was agreed).
public final class FrameTracker {
    private enum At {
        FIRST,
        LENGTH,
        LONG_LENGTH,
        MASK,
        PAYLOAD
    }

    private static final int CLOSE = 8;
    private static final int ANY = -1;

    private final boolean masked;
    private final boolean extended;
    private final long mostPayload;
    private final int letter;

    private At at = At.FIRST;
    private int opcode;
    private boolean last;
    private boolean fragmented;
    private int headerLeft;
    private int lengthBytes;
    private long length;
    private long dataBytes;
    private boolean closed;
    private int mask;
    private boolean begun;
    private boolean counts;

    /// @param fromClient  its frames must be masked
    /// @param extended    an extension was agreed, so that RSV1 may be set on data frames
    /// @param mostPayload bytes of one frame
    public FrameTracker(boolean fromClient, boolean extended, long mostPayload) {
        this(fromClient, extended, mostPayload, OptionalInt.empty());
    }

    /// @param letter only messages that begin with this byte count; empty: all do
    public FrameTracker(boolean fromClient, boolean extended, long mostPayload, OptionalInt letter) {
        this.masked = fromClient;
        this.extended = extended;
        this.mostPayload = mostPayload;
        this.letter = letter.orElse(ANY);
    }

    /// Where a tracker stands, for one that goes on in its place.
    /// @param at     part of a frame that comes next
    /// @param length bytes of payload that are missing yet, or what is known of their number
    public record State(
            String at,
            int opcode,
            boolean last,
            boolean fragmented,
            int headerLeft,
            int lengthBytes,
            long length,
            boolean closed,
            int mask,
            boolean begun,
            boolean counts) {
        public State {
            At part = At.valueOf(at);
            require(opcode >= 0 && opcode < 16, "no opcode: " + opcode);
            require(lengthBytes == 0 || lengthBytes == 2 || lengthBytes == 8, "no frame header");
            int left = switch (part) {
                case LONG_LENGTH -> lengthBytes;
                case MASK -> 4;
                case FIRST, LENGTH, PAYLOAD -> 0;
            };
            boolean inHeader = part == At.LONG_LENGTH || part == At.MASK;
            require(headerLeft >= (inHeader ? 1 : 0) && headerLeft <= left, "no place in a frame header");
            require(length >= 0, "a negative length");
            require(inHeader || (part == At.PAYLOAD) == (length > 0), "no place in a payload");
            require(mask >= 0 && mask < 256, "no byte of a mask: " + mask);
        }
    }

    public State state() {
        return new State(
                at.name(), opcode, last, fragmented, headerLeft, lengthBytes, length, closed, mask, begun, counts);
    }

    /// Goes on where another one of the same direction stood.
    public void resume(State state) {
        at = At.valueOf(state.at());
        opcode = state.opcode();
        last = state.last();
        fragmented = state.fragmented();
        headerLeft = state.headerLeft();
        lengthBytes = state.lengthBytes();
        length = state.length();
        closed = state.closed();
        mask = state.mask();
        begun = state.begun();
        counts = state.counts();
    }

    /// @return bytes of data frames' payload among these that count (control frames never do)
    public long advance(ByteBuf in, int from, int to) throws FrameException {
        long before = dataBytes;
        int i = from;
        while (i < to) {
            if (closed && at == At.FIRST) throw broken("a frame behind the close frame");
            if (at == At.PAYLOAD) {
                int run = (int) Math.min(length, to - i);
                if (opcode < CLOSE) data(in.getByte(i), run);
                length -= run;
                i += run;
                if (length == 0) frameEnds();
            } else step(in.getByte(i++) & 0xff);
        }
        return dataBytes - before;
    }

    private void data(int first, int run) {
        if (!begun) counts = letter == ANY || ((first ^ mask) & 0xff) == letter;
        begun = true;
        if (counts) dataBytes += run;
    }

    private void step(int b) throws FrameException {
        switch (at) {
            case FIRST -> first(b);
            case LENGTH -> length(b);
            case LONG_LENGTH -> {
                length = length << 8 | b;
                if (--headerLeft == 0) longLength();
            }
            case MASK -> {
                if (headerLeft == 4) mask = b;
                if (--headerLeft == 0) payload();
            }
            case PAYLOAD -> throw new IllegalStateException("no step in a payload");
        }
    }

    private void first(int b) throws FrameException {
        last = (b & 0x80) != 0;
        opcode = b & 0x0f;
        boolean control = opcode >= CLOSE;
        if ((b & 0x30) != 0 || (b & 0x40) != 0 && (!extended || control)) throw broken("a reserved bit");
        if (opcode > 2 && opcode < CLOSE || opcode > 10) throw broken("a reserved opcode");
        if (control && !last) throw broken("a fragmented control frame");
        if (!control && (opcode == 0) != fragmented) throw broken("fragments out of order");
        if (!control && opcode != 0) begun = false;
        at = At.LENGTH;
    }

    private void length(int b) throws FrameException {
        if ((b & 0x80) != 0 != masked) throw broken(masked ? "an unmasked frame" : "a masked frame");
        int seven = b & 0x7f;
        if (opcode >= CLOSE && seven > 125) throw broken("a control frame that is too long");
        if (opcode == CLOSE && seven == 1) throw broken("a close frame of one byte");
        length = 0;
        if (seven < 126) {
            length = seven;
            lengthKnown();
        } else {
            lengthBytes = seven == 126 ? 2 : 8;
            headerLeft = lengthBytes;
            at = At.LONG_LENGTH;
        }
    }

    private void longLength() throws FrameException {
        if (length < 0 || length < (lengthBytes == 2 ? 126 : 65536)) throw broken("a length not in its shortest form");
        lengthKnown();
    }

    private void lengthKnown() throws FrameException {
        if (length > mostPayload) throw new FrameException(FrameException.TOO_BIG, "a frame over the limit");
        if (masked) {
            headerLeft = 4;
            at = At.MASK;
        } else payload();
    }

    private void payload() {
        at = At.PAYLOAD;
        if (length == 0) frameEnds();
    }

    private void frameEnds() {
        if (opcode < CLOSE) fragmented = !last;
        closed |= opcode == CLOSE;
        at = At.FIRST;
    }

    /// A control frame of ours may be put in here.
    public boolean isBetweenFrames() {
        return at == At.FIRST;
    }

    /// A whole close frame has passed.
    public boolean isClosed() {
        return closed;
    }

    private static FrameException broken(String why) {
        return new FrameException(FrameException.PROTOCOL_ERROR, why);
    }
}
