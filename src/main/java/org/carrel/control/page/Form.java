package org.carrel.control.page;

import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.carrel.http.Request;

/// The fields of a form of ours.
record Form(Map<String, String> fields) {
    private static final int MAX_BYTES = 16 * 1024;
    private static final int MAX_FIELDS = 16;

    /// @return empty when the body is no such form, or too long, or names a field twice
    static Optional<Form> read(Request request) throws IOException {
        String type = request.head()
                .header("Content-Type")
                .orElse("")
                .split(";", 2)[0]
                .strip();
        if (!type.equalsIgnoreCase("application/x-www-form-urlencoded")) return Optional.empty();
        byte[] body;
        try (InputStream in = request.body()) {
            body = in.readNBytes(MAX_BYTES + 1);
        }
        if (body.length > MAX_BYTES) return Optional.empty();
        Map<String, String> fields = new HashMap<>();
        for (String pair : new String(body, StandardCharsets.UTF_8).split("&")) {
            if (pair.isEmpty()) continue;
            int equals = pair.indexOf('=');
            if (equals < 0 || fields.size() == MAX_FIELDS) return Optional.empty();
            try {
                String name = URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8);
                String value = URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8);
                if (fields.putIfAbsent(name, value) != null) return Optional.empty();
            } catch (IllegalArgumentException _) {
                return Optional.empty(); // % without two digits
            }
        }
        return Optional.of(new Form(fields));
    }

    String field(String name) {
        return fields.getOrDefault(name, "");
    }
}
