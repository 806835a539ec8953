package org.carrel.gateway.http1;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.List;

/// The field names the gateway has an opinion on. Names are compared normalised: lower case, `_` as `-`, because
/// servers
/// behind CGI-like interfaces cannot tell these apart.
public enum Known {
    OTHER,
    HOST("host"),
    CONTENT_LENGTH("content-length"),
    TRANSFER_ENCODING("transfer-encoding"),
    CONTENT_TYPE("content-type"),
    CONTENT_ENCODING("content-encoding"),
    COOKIE("cookie"),
    AUTHORIZATION("authorization"),
    ORIGIN("origin"),
    EXPECT("expect"),
    ACCEPT_ENCODING("accept-encoding"),
    SEC_FETCH_DEST("sec-fetch-dest"),
    SEC_FETCH_SITE("sec-fetch-site"),
    SERVICE_WORKER("service-worker"),
    WEBSOCKET_EXTENSIONS("sec-websocket-extensions"),

    /// belong to one connection, never passed on
    CONNECTION("connection"),
    UPGRADE("upgrade"),
    KEEP_ALIVE("keep-alive"),
    PROXY_CONNECTION("proxy-connection"),
    PROXY_AUTHORIZATION("proxy-authorization"),
    TE("te"),
    HTTP2_SETTINGS("http2-settings"),

    /// say who asks or where from: deleted, then set by us. Everything with one of the prefixes too.
    X_FORWARDED_FOR("x-forwarded-for"),
    X_FORWARDED_PROTO("x-forwarded-proto"),
    IDENTITY(
            "forwarded",
            "proxy",
            "remote-user",
            "remote-groups",
            "remote-name",
            "remote-email",
            "x-real-ip",
            "x-client-ip",
            "x-remote-user",
            "x-original-url",
            "x-rewrite-url",
            "x-request-id"),

    /// of answers
    SET_COOKIE("set-cookie"),
    LOCATION("location"),
    TRAILER("trailer"),
    CLEAR_SITE_DATA("clear-site-data"),
    /// may not come from a workload that shares its origin with others
    WHOLE_ORIGIN(
            "service-worker-allowed",
            "strict-transport-security",
            "alt-svc",
            "nel",
            "report-to",
            "access-control-allow-origin",
            "access-control-allow-credentials",
            "access-control-allow-methods",
            "access-control-allow-headers",
            "access-control-expose-headers",
            "access-control-max-age",
            "access-control-allow-private-network");

    private static final List<String> IDENTITY_PREFIXES =
            List.of("x-forwarded-", "x-carrel-", "x-sp-", "x-auth-", "x-webauth-", "x-rstudio-", "x-rs-");

    /// pages of RStudio send these and need them
    private static final List<String> ALLOWED =
            List.of("x-rs-csrf-token", "x-csrf-token", "x-rstudio-refresh-auth-creds", "x-rstudio-session-required");

    private static final int SLOTS = 1024;
    private static final byte[][] NAMES = new byte[SLOTS][];
    private static final Known[] MEANINGS = new Known[SLOTS];

    private final String[] names;

    Known(String... names) {
        this.names = names;
    }

    static {
        for (Known known : values()) for (String name : known.names) put(name, known);
        for (String name : ALLOWED) put(name, OTHER);
    }

    private static void put(String name, Known known) {
        int slot = hash(name) & SLOTS - 1;
        while (NAMES[slot] != null) slot = slot + 1 & SLOTS - 1;
        NAMES[slot] = name.getBytes(US_ASCII);
        MEANINGS[slot] = known;
    }

    public boolean isHopByHop() {
        return compareTo(CONNECTION) >= 0 && compareTo(HTTP2_SETTINGS) <= 0;
    }

    public boolean isIdentity() {
        return this == IDENTITY || this == X_FORWARDED_FOR || this == X_FORWARDED_PROTO;
    }

    /// Names of trailers that would change what was already decided.
    boolean isForbiddenTrailer() {
        return this != OTHER && this != CONTENT_TYPE && this != WHOLE_ORIGIN;
    }

    static int hash(String name) {
        int hash = 0;
        for (int i = 0; i < name.length(); i++) hash = hash * 31 + Chars.NAME[name.charAt(i)];
        return hash;
    }

    /// @param hash of the normalised name
    static Known of(byte[] bytes, int from, int to, int hash) {
        for (int slot = hash & SLOTS - 1; NAMES[slot] != null; slot = slot + 1 & SLOTS - 1)
            if (isNamed(bytes, from, to, NAMES[slot])) return MEANINGS[slot];
        if ((bytes[from] | 0x20) != 'x') return OTHER;
        for (String prefix : IDENTITY_PREFIXES) if (beginsWith(bytes, from, to, prefix)) return IDENTITY;
        return OTHER;
    }

    /// @param name normalised
    static boolean isNamed(byte[] bytes, int from, int to, byte[] name) {
        if (to - from != name.length) return false;
        for (int i = 0; i < name.length; i++) if (Chars.NAME[bytes[from + i] & 0xff] != name[i]) return false;
        return true;
    }

    private static boolean beginsWith(byte[] bytes, int from, int to, String prefix) {
        if (to - from < prefix.length()) return false;
        for (int i = 0; i < prefix.length(); i++)
            if (Chars.NAME[bytes[from + i] & 0xff] != prefix.charAt(i)) return false;
        return true;
    }
}
