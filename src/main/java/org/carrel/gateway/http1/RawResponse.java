package org.carrel.gateway.http1;

import static org.carrel.gateway.http1.RefusedException.bad;

import java.util.List;
import java.util.Locale;

/// A workload's answer head as positions in an array, as strict as requests are. Reused by one event loop.
public final class RawResponse {
    private final Fields fields;
    private byte[] bytes = new byte[0];
    private int length;
    private int status;
    private int minor;
    private int reasonStart;
    private int reasonEnd;
    private long contentLength;
    private boolean chunked;
    private List<String> connection = List.of();

    public RawResponse(int mostFields) {
        fields = new Fields(mostFields);
    }

    public void parse(byte[] head, int length) throws RefusedException {
        bytes = head;
        this.length = length;
        int at = statusLine(head, length);
        fields.parse(head, at, length);
        connection = fields.first(Known.CONNECTION) < 0 ? List.of() : fields.tokens(Known.CONNECTION);
        contentLength = fields.contentLength();
        chunked = fields.isChunked();
        if (chunked && contentLength >= 0) throw bad("both Transfer-Encoding and Content-Length");
        if (chunked && minor == 0) throw bad("Transfer-Encoding in HTTP/1.0");
    }

    private int statusLine(byte[] head, int length) throws RefusedException {
        boolean shaped = length > 14
                && Chars.exactly(head, 0, 7, "HTTP/1.")
                && (head[7] == '0' || head[7] == '1')
                && head[8] == ' '
                && (head[12] == ' ' || head[12] == '\r');
        if (!shaped) throw bad("a malformed status line");
        minor = head[7] - '0';
        status = 0;
        for (int i = 9; i < 12; i++) {
            if (head[i] < '0' || head[i] > '9') throw bad("a malformed status");
            status = status * 10 + head[i] - '0';
        }
        if (status < 100 || status > 599) throw bad("a malformed status");
        int at = 12;
        reasonStart = head[at] == ' ' ? at + 1 : at;
        while (Chars.VALUE[head[at] & 0xff]) at++;
        reasonEnd = at;
        if (head[at] != '\r' || head[at + 1] != '\n') throw bad("a control byte in the status line");
        return at + 2;
    }

    public Fields fields() {
        return fields;
    }

    public int status() {
        return status;
    }

    public boolean isInterim() {
        return status < 200 && status != 101;
    }

    public boolean keepsAlive() {
        return minor == 1 && !connection.contains("close");
    }

    /// @param head the request was HEAD
    public Body body(boolean head) {
        if (head || status < 200 || status == 204 || status == 304) return Body.none();
        if (chunked) return Body.chunked();
        return contentLength >= 0 ? Body.of(contentLength) : Body.untilClose();
    }

    public boolean isEventStream() {
        int type = fields.first(Known.CONTENT_TYPE);
        return type >= 0 && fields.value(type).toLowerCase(Locale.ROOT).startsWith("text/event-stream");
    }

    /// 200, HTML, as its author wrote it: not compressed, not a part
    public boolean isPlainHtml() {
        if (status != 200) return false;
        int type = fields.first(Known.CONTENT_TYPE);
        int encoding = fields.first(Known.CONTENT_ENCODING);
        return type >= 0
                && fields.value(type).toLowerCase(Locale.ROOT).startsWith("text/html")
                && (encoding < 0 || fields.valueIs(encoding, "identity"));
    }

    /// It agreed to this protocol.
    public boolean upgradesTo(String protocol) throws RefusedException {
        return status == 101 && fields.tokens(Known.UPGRADE).equals(List.of(protocol));
    }

    boolean isNominated(int field) {
        return !connection.isEmpty() && connection.contains(fields.name(field).toLowerCase(Locale.ROOT));
    }

    long contentLength() {
        return contentLength;
    }

    /// The head as it came, for another `parse` later.
    public byte[] copyHead() {
        return java.util.Arrays.copyOf(bytes, length);
    }

    byte[] bytes() {
        return bytes;
    }

    int reasonStart() {
        return reasonStart;
    }

    int reasonEnd() {
        return reasonEnd;
    }
}
