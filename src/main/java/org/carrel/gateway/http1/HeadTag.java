package org.carrel.gateway.http1;

/// Finds where something can be put at the beginning of a page's `<head>`. Looks at as much of the page as there is.
public final class HeadTag {
    /// not seen yet; more of the page may show it
    public static final int UNDECIDED = -1;
    /// there is none, or it would be in the body by now
    public static final int NONE = -2;

    private HeadTag() {}

    /// @return the position behind the first `<head …>`, outside comments, or one of the constants
    public static int behind(byte[] page, int length) {
        int at = 0;
        while (at < length) {
            if (page[at] != '<') {
                at++;
                continue;
            }
            if (isComment(page, at, length)) {
                at = commentEnd(page, at + 4, length);
                if (at < 0) return UNDECIDED;
                continue;
            }
            if (isTag(page, at, length, "<body")) return NONE;
            if (isTag(page, at, length, "<head")) return tagEnd(page, at + 5, length);
            at++;
        }
        return UNDECIDED;
    }

    private static boolean isComment(byte[] page, int at, int length) {
        return at + 4 <= length && Chars.exactly(page, at, at + 4, "<!--");
    }

    private static int commentEnd(byte[] page, int from, int length) {
        for (int i = from; i + 3 <= length; i++) if (Chars.exactly(page, i, i + 3, "-->")) return i + 3;
        return UNDECIDED;
    }

    private static boolean isTag(byte[] page, int at, int length, String tag) {
        int end = at + tag.length();
        if (end >= length || !Chars.same(page, at, end, tag)) return false;
        byte next = page[end];
        return next == '>' || next == ' ' || next == '\t' || next == '\n' || next == '\r' || next == '\f';
    }

    private static int tagEnd(byte[] page, int from, int length) {
        int quote = 0;
        for (int i = from; i < length; i++) {
            byte b = page[i];
            if (quote != 0) {
                if (b == quote) quote = 0;
            } else if (b == '"' || b == '\'') quote = b;
            else if (b == '>') return i + 1;
        }
        return UNDECIDED;
    }
}
