package org.carrel.gateway.http1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.carrel.http.Header;

/// Writes the head a workload gets: the same request with our fields away, identity made anew, and the prefix as its
/// kind wants it. Made once for a client connection and session, used for many requests.
public final class RequestRewrite {
    private static final byte[] HTTP_11 = " HTTP/1.1\r\n".getBytes(ISO_8859_1);
    private static final byte[] HTTP_10 = " HTTP/1.0\r\n".getBytes(ISO_8859_1);
    private static final byte[] LOCALHOST = "Host: localhost\r\n".getBytes(ISO_8859_1);
    private static final byte[] CLOSE = "Connection: close\r\n".getBytes(ISO_8859_1);
    private static final byte[] UPGRADE = "Connection: Upgrade\r\nUpgrade: ".getBytes(ISO_8859_1);
    private static final byte[] IDENTITY_CODING = "Accept-Encoding: identity\r\n".getBytes(ISO_8859_1);
    private static final byte[] REQUEST_ID = "X-Request-Id: ".getBytes(ISO_8859_1);
    private static final byte[] CHUNKED = "Transfer-Encoding: chunked\r\n".getBytes(ISO_8859_1);
    private static final byte[] LENGTH = "Content-Length: ".getBytes(ISO_8859_1);
    private static final byte[] END = "\r\n".getBytes(ISO_8859_1);

    private static final String BEARER = "Bearer ";
    /// what our tokens begin with
    private static final String OUR_TOKEN = "carrel_";

    private final Way way;
    private final boolean dropsAuthorization;
    private final byte[] ours;
    /// names of cookies between us and the workload; none: cookies pass as they are
    private final Set<String> withheld;
    /// of ours, in front of the browser's
    private final String cookies;
    private final byte[][] injectedNames;
    private final int[] injectedHashes;

    /// @param dropsAuthorization it was proof for us
    /// @param identity           who asks and from where, as fields to set
    /// @param inject             of the session's launch; replaces fields of those names
    public RequestRewrite(Way way, boolean dropsAuthorization, List<Header> identity, List<Header> inject) {
        this(way, dropsAuthorization, identity, inject, Set.of());
    }

    /// @param withheld names of cookies that no browser may send; where there are some, an injected `Cookie` is put in
    ///                 front of those that it may
    public RequestRewrite(
            Way way, boolean dropsAuthorization, List<Header> identity, List<Header> all, Set<String> withheld) {
        List<Header> inject = withheld.isEmpty()
                ? all
                : all.stream().filter(header -> !isCookie(header)).toList();
        this.withheld = Cookies.names(withheld);
        this.cookies = withheld.isEmpty()
                ? ""
                : all.stream()
                        .filter(RequestRewrite::isCookie)
                        .map(header -> printable(header.value()))
                        .collect(Collectors.joining("; "));
        this.way = way;
        this.dropsAuthorization = dropsAuthorization;
        Bytes lines = new Bytes(256);
        for (Header header : identity) addLine(lines, header);
        for (Header header : inject) addLine(lines, header);
        ours = java.util.Arrays.copyOf(lines.array(), lines.length());
        injectedNames = new byte[inject.size()][];
        injectedHashes = new int[inject.size()];
        for (int i = 0; i < injectedNames.length; i++) {
            injectedNames[i] = normalised(inject.get(i).name());
            injectedHashes[i] = Known.hash(inject.get(i).name());
        }
    }

    private static boolean isCookie(Header header) {
        return header.name().equalsIgnoreCase("Cookie");
    }

    private static void addLine(Bytes lines, Header header) {
        lines.add(header.name()).add(": ").add(printable(header.value())).add("\r\n");
    }

    /// Nothing that came from a name or a group may end a line.
    private static String printable(String value) {
        StringBuilder safe = new StringBuilder(value.length());
        value.chars().forEach(c -> safe.append(c >= 0x20 && c < 0x7f ? (char) c : '?'));
        return safe.toString();
    }

    private static byte[] normalised(String name) {
        byte[] bytes = name.getBytes(ISO_8859_1);
        for (int i = 0; i < bytes.length; i++) bytes[i] = Chars.NAME[bytes[i] & 0xff];
        return bytes;
    }

    /// @param uncoded ask for an answer that isn't compressed
    public void write(RawRequest request, String id, boolean uncoded, Bytes out) {
        byte[] from = request.bytes();
        out.clear().add(from, 0, request.methodEnd()).add(' ');
        int cut = way.strips() ? way.prefix().length() : 0;
        out.add(from, request.pathStart() + cut, request.targetEnd());
        out.add(request.isHttp11() ? HTTP_11 : HTTP_10);
        if (way.localhost()) out.add(LOCALHOST);
        fields(request, uncoded, out);
        if (request.isChunked()) out.add(CHUNKED);
        else if (request.contentLength() >= 0)
            out.add(LENGTH).add(Long.toString(request.contentLength())).add(END);
        if (uncoded) out.add(IDENTITY_CODING);
        if (!request.upgrade().isEmpty())
            out.add(UPGRADE).add(request.upgrade()).add(END);
        else if (!request.isHttp11()) out.add(CLOSE);
        out.add(ours).add(REQUEST_ID).add(id).add(END).add(END);
    }

    /// Copies runs of kept lines at once, as they were sent.
    private void fields(RawRequest request, boolean uncoded, Bytes out) {
        Fields fields = request.fields();
        byte[] from = fields.bytes();
        int runStart = -1;
        int runEnd = -1;
        StringBuilder together = new StringBuilder(cookies);
        for (int i = 0; i < fields.count(); i++) {
            if (keeps(request, fields, i, uncoded)) {
                if (runStart < 0) runStart = fields.lineStart(i);
                runEnd = fields.lineEnd(i);
                continue;
            }
            if (runStart >= 0) out.add(from, runStart, runEnd);
            runStart = -1;
            if (!isSharedCookie(fields, i)) continue;
            String rest = Cookies.without(fields.value(i), withheld);
            if (rest.isEmpty()) continue;
            if (withheld.isEmpty()) out.add("Cookie: ").add(rest).add(END);
            else together.append(together.isEmpty() ? "" : "; ").append(rest);
        }
        if (runStart >= 0) out.add(from, runStart, runEnd);
        if (!together.isEmpty()) out.add("Cookie: ").add(together.toString()).add(END);
    }

    private boolean keeps(RawRequest request, Fields fields, int i, boolean uncoded) {
        Known known = fields.meaning(i);
        if (fields.isUnderscored(i)) return false;
        boolean kept = switch (known) {
            case OTHER, CONTENT_TYPE, ORIGIN, SEC_FETCH_DEST, SEC_FETCH_SITE, SERVICE_WORKER -> true;
            case HOST -> !way.localhost();
            case COOKIE -> !isSharedCookie(fields, i);
            // ours, even where it proved nothing: it may hold elsewhere
            case AUTHORIZATION -> !dropsAuthorization && !isOurToken(fields, i);
            case ACCEPT_ENCODING -> !uncoded;
            case EXPECT -> request.isHttp11();
            // framing is written anew from what was understood
            case CONTENT_LENGTH, TRANSFER_ENCODING -> false;
            default -> !known.isHopByHop() && !known.isIdentity();
        };
        return kept && !isInjected(fields, i) && (known == Known.HOST || !request.isNominated(i));
    }

    /// One that can't be passed on as it is.
    private boolean isSharedCookie(Fields fields, int i) {
        return fields.meaning(i) == Known.COOKIE
                && (!withheld.isEmpty()
                        || Cookies.mayHoldOurs(fields.bytes(), fields.valueStart(i), fields.valueEnd(i)));
    }

    private static boolean isOurToken(Fields fields, int i) {
        String value = fields.value(i);
        int at = BEARER.length();
        if (!value.regionMatches(true, 0, BEARER, 0, at)) return false;
        while (at < value.length() && value.charAt(at) == ' ') at++;
        return value.startsWith(OUR_TOKEN, at);
    }

    private boolean isInjected(Fields fields, int i) {
        for (int j = 0; j < injectedNames.length; j++)
            if (fields.isNamed(i, injectedHashes[j], injectedNames[j])) return true;
        return false;
    }
}
