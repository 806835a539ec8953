package org.carrel.port;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.carrel.http.RequestHead;

/// Where it is written down who did what. Taking an entry never blocks and never fails: what can't be written is
/// counted
/// and goes to the program's log.
public interface Audit {
    /// keeps nothing
    Audit NONE = entry -> {};

    void note(Entry entry);

    enum What {
        /// with a password, on the page or for a token
        SIGN_IN,
        SIGN_OUT,
        /// a signed-in browser was led to a session's own origin
        HAND_OVER,
        TOKEN_MADE,
        TOKEN_REVOKED,
        /// somebody asked for a session
        SESSION_ASKED,
        SESSION_STARTED,
        /// somebody asked for its end
        SESSION_STOP,
        SESSION_ENDED,
        /// an administrator read somebody's log
        LOG_READ,
        NODE_DRAIN,
        /// somebody said how many copies of a service there are to be
        SERVICE_LAUNCH,
        /// what a machine was told to remember was changed
        NODE_METADATA,
        /// a token by which a machine may join was given out
        NODE_INVITED,
        /// a machine came with a token
        NODE_JOIN,
        /// a machine was taken off the list of nodes for good
        NODE_FORGET,
        /// a machine was shut out of the cluster
        NODE_SHUT_OUT,
        /// a machine that was shut out is let in again
        NODE_LET_IN,
        /// a user's files were sent to another machine
        HOME_MOVE,
        SETTINGS_READ;

        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /// Never a secret: no password, token, cookie, code or what a program printed.
    /// @param who     a user, or a part of the program such as `culler`; empty when nobody is known
    /// @param outcome `ok`, or why not, in words
    /// @param more    for example `session`, `app`, `owner`, `token` (its id), `from`, `request`; in this order
    record Entry(What what, String who, String outcome, Map<String, String> more) {
        public static final String OK = "ok";

        public static Entry of(What what, Object who, String outcome) {
            return new Entry(what, who.toString(), outcome, Map.of());
        }

        public Entry with(String name, Object value) {
            Map<String, String> longer = new LinkedHashMap<>(more);
            longer.put(name, value.toString());
            return new Entry(what, who, outcome, longer);
        }

        /// from which address, and under which request id the log has more
        public Entry asked(RequestHead head) {
            return with("from", head.remote().getHostAddress()).with("request", head.id());
        }
    }
}
