package org.carrel.control;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.carrel.api.Json;
import org.carrel.domain.user.Principal;
import org.carrel.http.Answer;
import org.carrel.http.Request;
import org.carrel.http.RequestHead;

/// One request on its way through a route, already allowed to call it.
/// @param who   who asks; empty only for operations that anyone may call
/// @param names what stands for the names in the path
record Call(Request request, Optional<Principal> who, Map<String, String> names) {
    RequestHead head() {
        return request.head();
    }

    Principal asker() {
        return who.orElseThrow(); // the router lets nobody else in
    }

    String name(String key) {
        String value = names.get(key);
        if (value == null) throw new IllegalArgumentException("the path has no {" + key + "}");
        return value;
    }

    Optional<String> parameter(String name) {
        return Optional.ofNullable(request.parameters().get(name)).filter(value -> !value.isEmpty());
    }

    boolean flag(String name) {
        return switch (parameter(name).orElse("false")) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw refuse(400, name + ": must be true or false");
        };
    }

    int number(String name, int otherwise, int least, int most) {
        Optional<String> given = parameter(name);
        if (given.isEmpty()) return otherwise;
        String wanted = name + ": must be a whole number from " + least + " to " + most;
        try {
            int value = Integer.parseInt(given.get());
            if (value < least || value > most) throw refuse(400, wanted);
            return value;
        } catch (NumberFormatException _) {
            throw refuse(400, wanted);
        }
    }

    /// An empty body is an empty object.
    <T> T body(Class<T> type) throws IOException {
        byte[] bytes = request.body().readNBytes(Json.MAX_REQUEST_BYTES + 1);
        if (bytes.length > Json.MAX_REQUEST_BYTES)
            throw refuse(413, "the body is longer than " + Json.MAX_REQUEST_BYTES + " bytes");
        if (bytes.length > 0 && !isJson()) throw refuse(415, "the body must be sent as application/json");
        try {
            return Json.read(bytes.length == 0 ? new byte[] {'{', '}'} : bytes, type);
        } catch (Json.BadJson bad) {
            throw refuse(400, String.valueOf(bad.getMessage()));
        }
    }

    Refusal refuse(int status, String detail) {
        return new Refusal(Problems.of(head(), status, detail));
    }

    static Answer.Whole json(int status, Object value) {
        return Answer.json(status, Json.bytes(value)).with("Cache-Control", "no-store");
    }

    private boolean isJson() {
        String type = head().header("Content-Type").orElse("");
        int semicolon = type.indexOf(';');
        String essence = semicolon < 0 ? type : type.substring(0, semicolon);
        return essence.trim().equalsIgnoreCase("application/json");
    }
}
