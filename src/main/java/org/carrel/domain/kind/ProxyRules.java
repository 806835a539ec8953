package org.carrel.domain.kind;

/// How requests to a session of this kind are rewritten on their way.
/// @param prefix what the workload sees of `/s/<id>` in front of a path
/// @param host   what the workload sees as `Host`
public record ProxyRules(Prefix prefix, Host host) {
    public enum Prefix {
        /// the workload lives at `/` and knows nothing of a prefix (Shiny: 404 otherwise)
        STRIP,
        /// the workload was started with the prefix as its base address (Jupyter: 404 otherwise)
        KEEP
    }

    public enum Host {
        /// the name in the browser's address bar
        PUBLIC,
        /// `localhost`: for servers that refuse others when bound to loopback (Jupyter)
        LOCALHOST
    }

    public static final ProxyRules PLAIN = new ProxyRules(Prefix.STRIP, Host.PUBLIC);
}
