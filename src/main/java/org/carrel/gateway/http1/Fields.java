package org.carrel.gateway.http1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.carrel.gateway.http1.RefusedException.bad;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.carrel.http.Header;

/// The field lines of one head, as positions in an array. Reused from head to head by one event loop.
public final class Fields {
    private final int[] nameStarts;
    private final int[] nameEnds;
    private final int[] valueStarts;
    private final int[] valueEnds;
    private final Known[] meanings;
    private final int[] hashes;
    private final boolean[] underscored;
    private byte[] bytes = new byte[0];
    private int count;

    /// @param most fields, more are refused with 431
    public Fields(int most) {
        nameStarts = new int[most];
        nameEnds = new int[most];
        valueStarts = new int[most];
        valueEnds = new int[most];
        meanings = new Known[most];
        hashes = new int[most];
        underscored = new boolean[most];
    }

    /// @param from start of the first field line
    /// @param to   behind the empty line
    void parse(byte[] head, int from, int to) throws RefusedException {
        bytes = head;
        count = 0;
        int at = from;
        while (head[at] != '\r') at = line(head, at, to);
        if (at + 2 != to || head[at + 1] != '\n') throw bad("a bare carriage return in the head");
    }

    private int line(byte[] head, int start, int to) throws RefusedException {
        if (count == nameStarts.length) throw new RefusedException(431, "too many header fields");
        int at = start;
        int hash = 0;
        boolean underscore = false;
        byte folded;
        while ((folded = Chars.NAME[head[at] & 0xff]) != 0) {
            hash = hash * 31 + folded;
            underscore |= head[at] == '_';
            at++;
        }
        if (at == start || head[at] != ':') throw bad("a malformed header field name");
        nameStarts[count] = start;
        nameEnds[count] = at++;
        while (head[at] == ' ' || head[at] == '\t') at++;
        valueStarts[count] = at;
        at = Chars.valueEnd(head, at);
        int end = at;
        if (head[at] != '\r' || at + 1 >= to || head[at + 1] != '\n') throw bad("a control byte in a header field");
        while (end > valueStarts[count] && (head[end - 1] == ' ' || head[end - 1] == '\t')) end--;
        valueEnds[count] = end;
        hashes[count] = hash;
        underscored[count] = underscore;
        meanings[count] = Known.of(head, start, nameEnds[count], hash);
        count++;
        return at + 2;
    }

    public int count() {
        return count;
    }

    public Known meaning(int i) {
        return meanings[i];
    }

    boolean isUnderscored(int i) {
        return underscored[i];
    }

    byte[] bytes() {
        return bytes;
    }

    int lineStart(int i) {
        return nameStarts[i];
    }

    /// behind its CR LF
    int lineEnd(int i) {
        int at = valueEnds[i];
        while (bytes[at] != '\n') at++;
        return at + 1;
    }

    int valueStart(int i) {
        return valueStarts[i];
    }

    int valueEnd(int i) {
        return valueEnds[i];
    }

    boolean isNamed(int i, int hash, byte[] normalised) {
        return hashes[i] == hash && Known.isNamed(bytes, nameStarts[i], nameEnds[i], normalised);
    }

    String name(int i) {
        return new String(bytes, nameStarts[i], nameEnds[i] - nameStarts[i], ISO_8859_1);
    }

    String value(int i) {
        return new String(bytes, valueStarts[i], valueEnds[i] - valueStarts[i], ISO_8859_1);
    }

    boolean valueIs(int i, String lowerCase) {
        return Chars.same(bytes, valueStarts[i], valueEnds[i], lowerCase);
    }

    /// @return its position, -1 when there is none
    int first(Known known) {
        for (int i = 0; i < count; i++) if (meanings[i] == known) return i;
        return -1;
    }

    /// @return the value when the field is there exactly once
    public Optional<String> only(Known known) {
        int first = first(known);
        return first >= 0 && times(known) == 1 ? Optional.of(value(first)) : Optional.empty();
    }

    public int times(Known known) {
        int times = 0;
        for (int i = 0; i < count; i++) if (meanings[i] == known) times++;
        return times;
    }

    public List<Header> all() {
        List<Header> all = new ArrayList<>(count);
        for (int i = 0; i < count; i++) all.add(new Header(name(i), value(i)));
        return all;
    }

    /// A list of tokens over all fields of this kind, lower case, at most 32.
    List<String> tokens(Known known) throws RefusedException {
        List<String> tokens = new ArrayList<>(2);
        for (int i = 0; i < count; i++) {
            if (meanings[i] != known) continue;
            for (String token : value(i).split(",", -1)) {
                if (token.isBlank()) continue;
                if (tokens.size() == 32) throw bad("too many tokens in a header field");
                tokens.add(token.strip().toLowerCase(java.util.Locale.ROOT));
            }
        }
        return tokens;
    }

    /// Digits only, at most 18; none or one field.
    /// @return -1 when there is none
    long contentLength() throws RefusedException {
        int at = first(Known.CONTENT_LENGTH);
        if (at < 0) return -1;
        if (times(Known.CONTENT_LENGTH) > 1) throw bad("more than one Content-Length");
        int from = valueStarts[at];
        int to = valueEnds[at];
        if (from == to || to - from > 18) throw bad("a malformed Content-Length");
        long length = 0;
        for (int i = from; i < to; i++) {
            if (bytes[i] < '0' || bytes[i] > '9') throw bad("a malformed Content-Length");
            length = length * 10 + bytes[i] - '0';
        }
        return length;
    }

    /// Nothing but `chunked`, once, with no blank behind it.
    boolean isChunked() throws RefusedException {
        int at = first(Known.TRANSFER_ENCODING);
        if (at < 0) return false;
        if (times(Known.TRANSFER_ENCODING) > 1
                || !valueIs(at, "chunked")
                || bytes[valueEnds[at]] != '\r'
                || valueStarts[at] - nameEnds[at] > 2) throw bad("a Transfer-Encoding other than chunked");
        return true;
    }

    /// Underscored names that would pass for a field that counts are refused: servers behind us may read them so.
    void refuseDisguises() throws RefusedException {
        for (int i = 0; i < count; i++)
            if (underscored[i] && meanings[i] != Known.OTHER) throw bad("a disguised header field name");
    }
}
