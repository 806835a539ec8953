package org.carrel.config;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.domain.app.Service;
import org.carrel.domain.route.Addresses;

/// Host names, and whose they are: each belongs to one service, or to the portal, or to sessions.
final class HostClaims {
    /// of one service
    static final int MOST = 10;

    private static final Pattern HOST =
            Pattern.compile("(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");

    private final List<String> portal;
    private final Optional<String> contentDomain;
    private final Map<String, AppId> owners = new HashMap<>();

    /// @param portal        names of the portal, lower case
    /// @param contentDomain of sessions' own origins, without the star
    HostClaims(List<String> portal, Optional<String> contentDomain) {
        this.portal = List.copyOf(portal);
        this.contentDomain = contentDomain.map(domain -> domain.toLowerCase(Locale.ROOT));
    }

    /// with what the apps of the file have
    static HostClaims of(Settings settings) {
        HostClaims claims = new HostClaims(settings.hosts(), settings.contentDomain());
        for (App app : settings.apps())
            for (String host : app.service().map(Service::hosts).orElse(List.of()))
                claims.owners.putIfAbsent(host, app.id());
        return claims;
    }

    /// @throws IllegalArgumentException when it is no host name
    static String host(String text) {
        String host = text.toLowerCase(Locale.ROOT);
        if (!isHost(host))
            throw new IllegalArgumentException(
                    "must be a host name such as r.lab.example, without scheme and port, not \"" + Tree.shown(text)
                            + "\"");
        return host;
    }

    static boolean isHost(String lower) {
        return HOST.matcher(lower).matches();
    }

    /// @return the name, lower case, which is this app's from now on
    /// @throws IllegalArgumentException when it can't be; a message for the user
    String claim(AppId app, String text) {
        String host = host(text);
        if (Addresses.isBareAddress(host))
            throw new IllegalArgumentException(
                    "must be a host name, not the address " + host + ": by its addresses the portal is reached");
        if (portal.contains(host) || host.equals("localhost"))
            throw new IllegalArgumentException("must not be " + host
                    + ", which is the portal's own name: a service there would speak for the portal; give it a name of its"
                    + " own");
        if (contentDomain
                .filter(domain -> host.equals(domain) || host.endsWith("." + domain))
                .isPresent())
            throw new IllegalArgumentException("must not be " + host + ": the names below " + contentDomain.get()
                    + " belong to sessions (sessions.domain); give it a name outside");
        AppId owner = owners.putIfAbsent(host, app);
        if (owner != null)
            throw new IllegalArgumentException(
                    owner.equals(app)
                            ? "holds " + host + " twice"
                            : "must not be " + host + ", which is the host of apps." + owner + " already");
        return host;
    }
}
