package org.carrel.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.user.Principal;

/// What a page or an API resource is written against.
public interface Request {
    RequestHead head();

    /// who is asking, when proved
    Optional<Principal> principal();

    /// how it was proved: a cookie needs an Origin and a token for unsafe methods, a bearer token doesn't
    Proof proof();

    /// The body, streamed, at most `Limits.pageBodyBytes`. Reading past the limit throws; so does a client that is too
    /// slow.
    InputStream body() throws IOException;

    /// the parameters behind `?`, decoded; of equal names the first
    Map<String, String> parameters();

    enum Proof {
        NONE,
        COOKIE,
        TOKEN,
        PASSWORD,
        /// the command line on the node itself, by peer uid
        LOCAL
    }
}
