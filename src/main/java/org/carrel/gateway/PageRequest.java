package org.carrel.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.InputStream;
import java.net.URLDecoder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.user.Principal;
import org.carrel.http.Request;
import org.carrel.http.RequestHead;
import org.carrel.port.Identities.Identity;

/// What a page sees of a request.
/// @param opened told when the body is asked for: a client may be waiting for `100 Continue`
record PageRequest(RequestHead head, Identity identity, PageBody content, Runnable opened) implements Request {
    private static final int PARAMETERS_LIMIT = 1000;

    @Override
    public Optional<Principal> principal() {
        return identity instanceof Identity.Known known ? Optional.of(known.principal()) : Optional.empty();
    }

    @Override
    public Proof proof() {
        return identity instanceof Identity.Known known ? known.proof() : Proof.NONE;
    }

    @Override
    public InputStream body() {
        opened.run();
        return content;
    }

    @Override
    public Map<String, String> parameters() {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String pair : head.query().split("&")) {
            if (pair.isEmpty() || parameters.size() == PARAMETERS_LIMIT) continue;
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            parameters.putIfAbsent(decoded(name), equals < 0 ? "" : decoded(pair.substring(equals + 1)));
        }
        return parameters;
    }

    /// A broken escape stays as it is.
    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, UTF_8);
        } catch (IllegalArgumentException broken) {
            return text;
        }
    }
}
