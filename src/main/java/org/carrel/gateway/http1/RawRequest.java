package org.carrel.gateway.http1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.carrel.gateway.http1.RefusedException.bad;

import java.util.List;

/// A request head as positions in an array: one strict meaning, or refused. Reused from head to head by one event loop;
/// positions hold until the next `parse`.
///
/// Source: RFC 9112 2 to 7, read strictly: where it allows leniency, this refuses.
public final class RawRequest {
    private static final int METHOD_LIMIT = 20;

    private final Fields fields;
    private byte[] bytes = new byte[0];
    private int methodEnd;
    private int pathStart;
    private int pathEnd;
    private int targetEnd;
    private int minor;
    private int authorityStart;
    private int authorityEnd;
    private int hostEnd;
    private long contentLength;
    private boolean chunked;
    private List<String> connection = List.of();
    private String upgrade = "";

    public RawRequest(int mostFields) {
        fields = new Fields(mostFields);
    }

    /// @param head   begins with the request line; may be longer than the head
    /// @param length of the head, with its empty line
    public void parse(byte[] head, int length) throws RefusedException {
        bytes = head;
        int at = readRequestLine(head);
        fields.parse(head, at, length);
        fields.refuseDisguises();
        readFraming();
        readHost();
        readTarget();
        readConnection();
    }

    private int readRequestLine(byte[] head) throws RefusedException {
        int at = 0;
        while (head[at] >= 'A' && head[at] <= 'Z' || head[at] == '-' && at > 0) at++;
        if (at == 0 || at > METHOD_LIMIT || head[at] != ' ') throw bad("a malformed method");
        methodEnd = at++;
        pathStart = at;
        while (Chars.TARGET[head[at] & 0xff]) at++;
        targetEnd = at;
        if (at == pathStart || head[at] != ' ') throw bad("a malformed request target");
        int line = at + 1;
        while (head[at] != '\r') at++;
        if (head[at + 1] != '\n') throw bad("a bare carriage return in the request line");
        if (Chars.exactly(head, line, at, "HTTP/1.1")) minor = 1;
        else if (Chars.exactly(head, line, at, "HTTP/1.0")) minor = 0;
        else if (isOtherVersion(head, line, at))
            throw new RefusedException(505, "this listener speaks HTTP/1.1 and HTTP/1.0");
        else throw bad("a malformed HTTP version");
        return at + 2;
    }

    private static boolean isOtherVersion(byte[] head, int from, int to) {
        return to - from == 8
                && Chars.exactly(head, from, from + 5, "HTTP/")
                && Character.isDigit(head[from + 5])
                && head[from + 6] == '.'
                && Character.isDigit(head[from + 7]);
    }

    private void readFraming() throws RefusedException {
        contentLength = fields.contentLength();
        chunked = fields.isChunked();
        if (chunked && contentLength >= 0) throw bad("both Transfer-Encoding and Content-Length");
        if (chunked && minor == 0) throw bad("Transfer-Encoding in HTTP/1.0");
        int expect = fields.first(Known.EXPECT);
        if (expect >= 0 && !fields.valueIs(expect, "100-continue"))
            throw new RefusedException(417, "an expectation that can't be met");
    }

    private void readHost() throws RefusedException {
        if (fields.times(Known.HOST) != 1) throw bad("there must be exactly one Host");
        int at = fields.first(Known.HOST);
        authorityStart = fields.valueStart(at);
        authorityEnd = fields.valueEnd(at);
        hostEnd = HostRules.hostEnd(bytes, authorityStart, authorityEnd);
    }

    /// Origin form, or absolute form of the very host in `Host`.
    private void readTarget() throws RefusedException {
        if (bytes[pathStart] != '/') {
            int scheme = schemeLength();
            int authority = authorityEnd - authorityStart;
            int path = pathStart + scheme + authority;
            if (scheme == 0 || path >= targetEnd || bytes[path] != '/') throw bad("a malformed request target");
            for (int i = 0; i < authority; i++)
                if (bytes[pathStart + scheme + i] != bytes[authorityStart + i])
                    throw bad("a request target for another host");
            pathStart = path;
        }
        int end = pathStart;
        while (end < targetEnd && bytes[end] != '?') end++;
        pathEnd = end;
        PathRules.check(bytes, pathStart, pathEnd);
    }

    private int schemeLength() {
        for (String scheme : List.of("http://", "https://")) {
            int end = pathStart + scheme.length();
            if (end < targetEnd && Chars.same(bytes, pathStart, end, scheme)) return scheme.length();
        }
        return 0;
    }

    private void readConnection() throws RefusedException {
        connection = fields.first(Known.CONNECTION) < 0 ? List.of() : fields.tokens(Known.CONNECTION);
        upgrade = "";
        if (minor == 1 && connection.contains("upgrade") && fields.times(Known.UPGRADE) == 1) {
            List<String> wanted = fields.tokens(Known.UPGRADE);
            if (wanted.size() == 1 && isCarried(wanted.getFirst())) upgrade = wanted.getFirst();
        }
        if (!upgrade.isEmpty() && (chunked || contentLength > 0)) throw bad("an upgrade with a body");
        if (upgrade.equals("websocket") && !isMethod("GET")) throw bad("a WebSocket begins with GET");
    }

    /// `h2c` and `TLS` would change what this connection means to us; an h2 preface is no use to a workload.
    private static boolean isCarried(String protocol) {
        return !protocol.startsWith("h2")
                && !protocol.startsWith("http/")
                && !protocol.startsWith("tls")
                && protocol.chars().allMatch(c -> Chars.NAME[c & 0xff] != 0 || c == '/');
    }

    public Fields fields() {
        return fields;
    }

    public boolean isMethod(String method) {
        return Chars.exactly(bytes, 0, methodEnd, method);
    }

    public String method() {
        return text(0, methodEnd);
    }

    public String path() {
        return text(pathStart, pathEnd);
    }

    /// @param name of a field, in any case
    /// @return whether it is there with exactly this value
    public boolean says(String name, String value) {
        for (int i = 0; i < fields.count(); i++)
            if (fields.name(i).equalsIgnoreCase(name) && fields.value(i).equals(value)) return true;
        return false;
    }

    public String query() {
        return pathEnd == targetEnd ? "" : text(pathEnd + 1, targetEnd);
    }

    /// host and port as sent
    public String authority() {
        return text(authorityStart, authorityEnd);
    }

    /// Whether `Host` is this one, byte by byte.
    public boolean isAuthority(byte[] wanted) {
        return java.util.Arrays.equals(bytes, authorityStart, authorityEnd, wanted, 0, wanted.length);
    }

    public byte[] authorityBytes() {
        return java.util.Arrays.copyOfRange(bytes, authorityStart, authorityEnd);
    }

    /// lower case, without port
    public String host() {
        return text(authorityStart, hostEnd).toLowerCase(java.util.Locale.ROOT);
    }

    public boolean isHttp11() {
        return minor == 1;
    }

    /// @return -1 when there is none
    public long contentLength() {
        return contentLength;
    }

    public boolean isChunked() {
        return chunked;
    }

    public boolean hasBody() {
        return chunked || contentLength > 0;
    }

    public boolean expectsContinue() {
        return minor == 1 && fields.first(Known.EXPECT) >= 0;
    }

    public boolean wantsClose() {
        return minor == 0 || connection.contains("close");
    }

    /// @return the protocol in lower case; empty when none is asked for that may be passed on
    public String upgrade() {
        return upgrade;
    }

    public boolean isWebSocket() {
        return upgrade.equals("websocket");
    }

    boolean isNominated(int field) {
        return !connection.isEmpty() && connection.contains(fields.name(field).toLowerCase(java.util.Locale.ROOT));
    }

    /// All `Cookie` and `Authorization` values, each followed by a line feed, which none can hold.
    public byte[] proof() {
        Bytes proof = new Bytes(256);
        for (int i = 0; i < fields.count(); i++)
            if (isProof(i))
                proof.add(bytes, fields.valueStart(i), fields.valueEnd(i)).add('\n');
        return java.util.Arrays.copyOf(proof.array(), proof.length());
    }

    /// Whether `proof()` would be these bytes.
    public boolean hasProof(byte[] wanted) {
        int at = 0;
        for (int i = 0; i < fields.count(); i++) {
            if (!isProof(i)) continue;
            int from = fields.valueStart(i);
            int end = at + fields.valueEnd(i) - from;
            if (end >= wanted.length || wanted[end] != '\n') return false;
            if (!java.util.Arrays.equals(bytes, from, fields.valueEnd(i), wanted, at, end)) return false;
            at = end + 1;
        }
        return at == wanted.length;
    }

    private boolean isProof(int field) {
        Known known = fields.meaning(field);
        return known == Known.COOKIE || known == Known.AUTHORIZATION;
    }

    /// May be sent again when an old connection turns out to be dead: it changes nothing and has no body.
    public boolean isRepeatable() {
        return !hasBody() && upgrade.isEmpty() && (isMethod("GET") || isMethod("HEAD") || isMethod("OPTIONS"));
    }

    /// A browser's navigation of a whole tab.
    public boolean isDocument() {
        if (!isMethod("GET")) return false;
        int dest = fields.first(Known.SEC_FETCH_DEST);
        return dest >= 0 && fields.valueIs(dest, "document");
    }

    byte[] bytes() {
        return bytes;
    }

    int methodEnd() {
        return methodEnd;
    }

    int pathStart() {
        return pathStart;
    }

    int targetEnd() {
        return targetEnd;
    }

    private String text(int from, int to) {
        return new String(bytes, from, to - from, ISO_8859_1);
    }
}
