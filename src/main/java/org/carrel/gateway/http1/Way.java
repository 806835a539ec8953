package org.carrel.gateway.http1;

import java.util.List;
import java.util.Locale;

/// Between which addresses a session is carried: what its browser sees and what its workload sees.
/// @param prefix    what of the path is ours; empty or `/s/<id>`
/// @param strips    the workload doesn't see the prefix
/// @param ownOrigin the host name belongs to this session or service alone
/// @param scheme    as the browser sees it
/// @param authority as the browser sees it
/// @param localhost the workload sees `localhost` instead of the authority
public record Way(
        String prefix, boolean strips, boolean ownOrigin, String scheme, String authority, boolean localhost) {

    boolean isBelowPrefix(String path) {
        return path.startsWith(prefix) && path.startsWith("/", prefix.length());
    }

    private boolean putsPrefixBack() {
        return strips && !prefix.isEmpty();
    }

    /// @param location of a redirect, as the workload wrote it
    /// @return the same place as the browser must call it; places outside the session are left alone
    String mended(String location) {
        if (location.startsWith("/") && !location.startsWith("//")) return mendedPath(location);
        int authorityStart = authorityStart(location);
        if (authorityStart < 0) return location;
        int end = authorityStart;
        while (end < location.length() && "/?#".indexOf(location.charAt(end)) < 0) end++;
        if (!isOwn(location.substring(authorityStart, end).toLowerCase(Locale.ROOT))) return location;
        String rest = location.substring(end);
        return scheme + "://" + authority + (rest.startsWith("/") ? mendedPath(rest) : mendedPath("/" + rest));
    }

    private String mendedPath(String path) {
        return putsPrefixBack() && !isBelowPrefix(path) ? prefix + path : path;
    }

    private static int authorityStart(String location) {
        for (String start : List.of("//", "http://", "https://"))
            if (location.regionMatches(true, 0, start, 0, start.length())) return start.length();
        return -1;
    }

    /// Names by which a workload knows itself.
    private boolean isOwn(String target) {
        if (target.equals(authority.toLowerCase(Locale.ROOT))) return true;
        if (target.indexOf('@') >= 0) return false;
        int colon = target.lastIndexOf(':');
        String host = colon < 0 ? target : target.substring(0, colon);
        return host.equals("localhost") || host.equals("127.0.0.1");
    }
}
