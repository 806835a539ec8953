package org.carrel.domain.route;

import java.util.Optional;
import java.util.Set;
import org.carrel.domain.app.AppId;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.session.SessionId;

/// Which host names and paths are whose. Pure; the one place that knows the shape of our addresses.
///
/// - own origin: `<id>.<content domain>`, everything below `/` is the session's, but `/.carrel/`
/// - service: its own host name, everything below `/` but `/.carrel/`; without one, everything below `/service/<app>/`
/// on the portal's host
/// - path mode: `/s/<id>/` on the portal's host; the only mode when the host is a bare IP address or no content domain
/// is set
/// @param hosts         portal host names, lower case; bare addresses of this machine included
/// @param contentDomain of own origins, without the star, for example `localhost`; empty: path mode only
/// @param services      those with names of their own; a name that is the portal's or a session's stays that
public record Addresses(Set<String> hosts, Optional<String> contentDomain, ServiceAddresses services) {
    /// path segment of everything that is ours on a session's origin
    public static final String BESIDE = "/.carrel";

    public static final String SESSIONS = "/s/";
    public static final String SERVICES = "/service/";

    public Addresses {
        hosts = Set.copyOf(hosts);
    }

    public Addresses(Set<String> hosts, Optional<String> contentDomain) {
        this(hosts, contentDomain, ServiceAddresses.NONE);
    }

    public Addresses with(ServiceAddresses other) {
        return new Addresses(hosts, contentDomain, other);
    }

    /// Where sessions have origins of their own, the portal's host never serves a byte of theirs: `/s/<id>/` only leads
    /// there. So it is with a service that has a host of its own.
    /// @param host lower case, without port
    /// @param authority host and port, as the browser knows them
    /// @param path as sent; the parser has already refused `..` and control bytes
    /// @param query without `?`
    public Place locate(String host, String authority, String path, String query) {
        Optional<SessionId> own = originOf(host);
        if (own.isPresent()) return onOwnOrigin(own.get(), path);
        if (!hosts.contains(host))
            return services.at(host)
                    .map(app -> onServiceHost(app, path))
                    .orElseGet(() -> new Place.Nowhere(421, "this server doesn't answer for that host name"));
        if (path.startsWith(SERVICES)) return ofService(authority, path, query);
        if (!path.startsWith(SESSIONS)) return new Place.Portal();
        int end = path.indexOf('/', SESSIONS.length());
        String id = end < 0 ? path.substring(SESSIONS.length()) : path.substring(SESSIONS.length(), end);
        if (!SessionId.isWellFormed(id)) return new Place.Nowhere(404, "no such session");
        if (end < 0) return new Place.Elsewhere(308, path + "/" + (query.isEmpty() ? "" : "?" + query));
        if (hasOwnOrigins(host)) return atHome(new SessionId(id), authority, path.substring(end), query);
        return within(new SessionId(id), SESSIONS + id, false, path);
    }

    private static Place onServiceHost(AppId app, String path) {
        if (path.equals(BESIDE)) return new Place.Elsewhere(308, BESIDE + "/");
        if (path.startsWith(BESIDE + "/")) return new Place.BesideService(app, path.substring(BESIDE.length()));
        return new Place.OfService(app, "", true, false);
    }

    private Place ofService(String authority, String path, String query) {
        int end = path.indexOf('/', SERVICES.length());
        String app = end < 0 ? path.substring(SERVICES.length()) : path.substring(SERVICES.length(), end);
        if (!AppId.isWellFormed(app)) return new Place.Nowhere(404, "no such service");
        if (end < 0) return new Place.Elsewhere(308, path + "/" + (query.isEmpty() ? "" : "?" + query));
        AppId id = new AppId(app);
        Optional<String> own = services.hostOf(id);
        if (own.isPresent()) {
            String target = path.substring(end) + (query.isEmpty() ? "" : "?" + query);
            return new Place.Elsewhere(307, "//" + own.get() + portIn(authority) + target);
        }
        return new Place.OfService(
                id, SERVICES + app, false, !services.trusted().contains(id));
    }

    /// @return the session that this host name belongs to alone
    public Optional<SessionId> originOf(String host) {
        return contentDomain
                .filter(domain -> host.length() == SessionId.LENGTH + 1 + domain.length()
                        && host.charAt(SessionId.LENGTH) == '.'
                        && host.endsWith(domain)
                        && SessionId.isWellFormed(host.substring(0, SessionId.LENGTH)))
                .map(domain -> new SessionId(host.substring(0, SessionId.LENGTH)));
    }

    /// The address of a session for somebody who uses the portal by this name.
    /// @param authority host and port by which the portal is used
    public String addressOf(SessionId id, ProxyRules rules, String scheme, String authority) {
        String keptPath = rules.prefix() == ProxyRules.Prefix.KEEP ? SESSIONS + id + "/" : "/";
        if (!hasOwnOrigins(hostIn(authority))) return SESSIONS + id + "/";
        return originFor(id, scheme, authority) + keptPath;
    }

    /// scheme, host and port of a session's own origin; ask `hasOwnOrigins` first
    public String originFor(SessionId id, String scheme, String authority) {
        return scheme + "://" + id + "." + contentDomain.orElseThrow() + portIn(authority);
    }

    /// A portal used by its bare address gets path mode: `<id>.localhost` would lead to another machine.
    public boolean hasOwnOrigins(String portalHost) {
        return contentDomain.isPresent() && !isBareAddress(portalHost);
    }

    public static String hostIn(String authority) {
        int colon = portColon(authority);
        return colon < 0 ? authority : authority.substring(0, colon);
    }

    /// with its colon; empty when there is none
    public static String portIn(String authority) {
        int colon = portColon(authority);
        return colon < 0 ? "" : authority.substring(colon);
    }

    public static boolean isBareAddress(String host) {
        return host.startsWith("[") || host.chars().allMatch(c -> c == '.' || c >= '0' && c <= '9');
    }

    private Place atHome(SessionId id, String authority, String rest, String query) {
        String origin = "//" + id + "." + contentDomain.orElseThrow() + portIn(authority);
        return new Place.Elsewhere(307, origin + rest + (query.isEmpty() ? "" : "?" + query));
    }

    private static int portColon(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon > authority.lastIndexOf(']') ? colon : -1;
    }

    private Place onOwnOrigin(SessionId id, String path) {
        String prefix = SESSIONS + id;
        if (path.equals(prefix)) return new Place.Elsewhere(308, prefix + "/");
        if (path.startsWith(prefix + "/")) return within(id, prefix, true, path);
        return within(id, "", true, path);
    }

    private static Place within(SessionId id, String prefix, boolean ownOrigin, String path) {
        String rest = path.substring(prefix.length());
        if (rest.equals(BESIDE)) return new Place.Elsewhere(308, prefix + BESIDE + "/");
        if (rest.startsWith(BESIDE + "/"))
            return new Place.Beside(id, prefix, ownOrigin, rest.substring(BESIDE.length()));
        return new Place.InSession(id, prefix, ownOrigin);
    }
}
