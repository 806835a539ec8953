package org.carrel.gateway.http1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Set;

/// Writes the head a browser gets of a workload's answer.
public final class ResponseRewrite {
    private static final byte[] VERSION = "HTTP/1.1 ".getBytes(ISO_8859_1);
    private static final byte[] END = "\r\n".getBytes(ISO_8859_1);
    private static final byte[] CLOSE = "Connection: close\r\n".getBytes(ISO_8859_1);
    private static final byte[] CHUNKED = "Transfer-Encoding: chunked\r\n".getBytes(ISO_8859_1);
    private static final byte[] UPGRADE = "Connection: Upgrade\r\nUpgrade: ".getBytes(ISO_8859_1);
    private static final byte[] LENGTH = "Content-Length: ".getBytes(ISO_8859_1);

    /// Makes a page's origin one of its own, whatever host serves it. Source: HTML Living Standard, "Sandboxing".
    private static final byte[] SANDBOX =
            ("Content-Security-Policy: sandbox allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox"
                            + " allow-downloads allow-modals\r\n")
                    .getBytes(ISO_8859_1);

    private final Way way;
    private final boolean sandboxed;
    private final Set<String> withheld;

    public ResponseRewrite(Way way) {
        this(way, false);
    }

    /// @param sandboxed its pages must not act as those of the host that serves them
    public ResponseRewrite(Way way, boolean sandboxed) {
        this(way, sandboxed, Set.of());
    }

    /// @param withheld names of cookies that browsers never get
    public ResponseRewrite(Way way, boolean sandboxed, Set<String> withheld) {
        this.way = way;
        this.sandboxed = sandboxed;
        this.withheld = Cookies.names(withheld);
    }

    /// @param close  the client's connection ends with this answer
    /// @param longer bytes added to the body on its way
    public void write(RawResponse response, boolean close, int longer, Bytes out) {
        head(response, out);
        framing(response, longer, out);
        if (close) out.add(CLOSE);
        out.add(END);
    }

    /// An interim answer: 100, 102, 103.
    public void writeInterim(RawResponse response, Bytes out) {
        head(response, out);
        out.add(END);
    }

    /// @param protocol both sides agreed to
    public void writeSwitch(RawResponse response, String protocol, Bytes out) {
        head(response, out);
        out.add(UPGRADE).add(protocol).add(END).add(END);
    }

    private static void framing(RawResponse response, int longer, Bytes out) {
        if (response.fields().first(Known.TRANSFER_ENCODING) >= 0) out.add(CHUNKED);
        else if (response.contentLength() >= 0)
            out.add(LENGTH)
                    .add(Long.toString(response.contentLength() + longer))
                    .add(END);
    }

    private void head(RawResponse response, Bytes out) {
        byte[] from = response.bytes();
        out.clear().add(VERSION).add(from, 9, 12).add(' ');
        out.add(from, response.reasonStart(), response.reasonEnd()).add(END);
        if (sandboxed) out.add(SANDBOX);
        Fields fields = response.fields();
        int runStart = -1;
        int runEnd = -1;
        for (int i = 0; i < fields.count(); i++) {
            if (keeps(response, fields, i)) {
                if (runStart < 0) runStart = fields.lineStart(i);
                runEnd = fields.lineEnd(i);
                continue;
            }
            if (runStart >= 0) out.add(from, runStart, runEnd);
            runStart = -1;
            mend(fields, i, out);
        }
        if (runStart >= 0) out.add(from, runStart, runEnd);
    }

    private void mend(Fields fields, int i, Bytes out) {
        switch (fields.meaning(i)) {
            case LOCATION ->
                out.add("Location: ").add(way.mended(fields.value(i))).add(END);
            case SET_COOKIE ->
                Cookies.mended(fields.value(i), way, withheld)
                        .ifPresent(value -> out.add("Set-Cookie: ").add(value).add(END));
            default -> {}
        }
    }

    private boolean keeps(RawResponse response, Fields fields, int i) {
        Known known = fields.meaning(i);
        boolean kept = switch (known) {
            case LOCATION, SET_COOKIE, CONTENT_LENGTH, TRANSFER_ENCODING -> false;
            // could sign the user out where portal and sessions share a registrable domain
            case CLEAR_SITE_DATA -> false;
            case WHOLE_ORIGIN -> way.ownOrigin();
            default -> !known.isHopByHop();
        };
        return kept && !response.isNominated(i);
    }
}
