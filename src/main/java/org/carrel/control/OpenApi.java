package org.carrel.control;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.carrel.api.Json;
import org.carrel.api.Problem;
import org.carrel.control.Route.Access;
import org.carrel.control.Route.Outcome;
import org.carrel.control.Route.Parameter;
import org.carrel.control.Route.Shape;
import org.carrel.http.Answer;
import org.jspecify.annotations.Nullable;

/// Describes the routes in OpenAPI 3.1. Made from the router's own table and the wire records, so it can't drift.
final class OpenApi {
    private final String version;
    private final Map<String, Object> schemas = new TreeMap<>();
    private byte[] document = {'{', '}'};

    OpenApi(String version) {
        this.version = version;
    }

    /// To be called once, with every route.
    void describe(List<Route> routes) {
        Map<String, Map<String, Object>> paths = new LinkedHashMap<>();
        for (Route route : routes)
            paths.computeIfAbsent(route.path().text(), _ -> new LinkedHashMap<>())
                    .put(route.method().toLowerCase(Locale.ROOT), operation(route));
        Map<String, Object> whole = new LinkedHashMap<>();
        whole.put("openapi", "3.1.0");
        whole.put("info", Map.of("title", "Carrel", "version", version));
        whole.put("servers", List.of(Map.of("url", "/")));
        whole.put("paths", paths);
        whole.put("components", Map.of("schemas", schemas, "securitySchemes", securitySchemes()));
        document = Json.bytes(whole);
    }

    Answer answer() {
        return Answer.json(200, document).with("Cache-Control", "no-cache");
    }

    private Map<String, Object> operation(Route route) {
        Map<String, Object> operation = new LinkedHashMap<>();
        operation.put("operationId", route.id());
        operation.put("summary", route.summary());
        operation.put("security", security(route.access()));
        List<Object> parameters = new ArrayList<>();
        for (String name : route.path().names())
            parameters.add(parameter("path", name, Map.of("type", "string"), "", true));
        for (Parameter given : route.parameters())
            parameters.add(parameter("query", given.name(), schema(given.type()), given.meaning(), false));
        if (!parameters.isEmpty()) operation.put("parameters", parameters);
        route.takes()
                .ifPresent(type -> operation.put(
                        "requestBody",
                        Map.of("content", Map.of("application/json", Map.of("schema", reference(type, true))))));
        operation.put("responses", responses(route));
        return operation;
    }

    private Map<String, Object> responses(Route route) {
        Map<String, Object> responses = new TreeMap<>();
        for (Outcome outcome : Api.sharedErrors(route)) responses.put("" + outcome.status(), response(outcome));
        for (Outcome outcome : route.answers()) responses.put("" + outcome.status(), response(outcome));
        return responses;
    }

    private Map<String, Object> response(Outcome outcome) {
        Map<String, Object> response = new LinkedHashMap<>();
        response.put("description", outcome.meaning());
        String type = outcome.shape().mediaType();
        if (!type.isEmpty()) response.put("content", Map.of(type, Map.of("schema", schema(outcome.shape()))));
        return response;
    }

    private Map<String, Object> schema(Shape shape) {
        return switch (shape) {
            case Shape.Record(var type) -> reference(type, false);
            case Shape.ListOf(var type) -> listOf(type);
            case Shape.Text() -> Map.of("type", "string");
            case Shape.Stream() -> Map.of("type", "string");
            case Shape.AnyObject() -> Map.of("type", "object");
            case Shape.Trouble() -> reference(Problem.class, false);
            case Shape.Nothing() -> Map.of();
        };
    }

    private static Map<String, Object> schema(Parameter.Type type) {
        return Map.of(
                "type",
                switch (type) {
                    case TEXT -> "string";
                    case WHOLE_NUMBER -> "integer";
                    case YES_OR_NO -> "boolean";
                });
    }

    private Map<String, Object> listOf(Class<?> type) {
        Map<String, Object> items = Map.of("type", "array", "items", reference(type, false));
        return object(Map.of("items", items), List.of("items"));
    }

    private Map<String, Object> reference(Class<?> type, boolean closed) {
        if (!schemas.containsKey(type.getSimpleName())) schemas.put(type.getSimpleName(), describe(type, closed));
        return Map.of("$ref", "#/components/schemas/" + type.getSimpleName());
    }

    /// @param closed requests are: an unknown field is refused. Answers may grow.
    private Map<String, Object> describe(Class<?> type, boolean closed) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            properties.put(component.getName(), schema(component.getGenericType()));
            if (!component.getAnnotatedType().isAnnotationPresent(Nullable.class)) required.add(component.getName());
        }
        Map<String, Object> object = object(properties, required);
        if (closed) object.put("additionalProperties", false);
        return object;
    }

    private static Map<String, Object> object(Map<String, Object> properties, List<String> required) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("type", "object");
        object.put("properties", properties);
        if (!required.isEmpty()) object.put("required", required);
        return object;
    }

    private Map<String, Object> schema(Type type) {
        if (type instanceof ParameterizedType list && list.getRawType() == List.class)
            return Map.of("type", "array", "items", schema(list.getActualTypeArguments()[0]));
        if (type instanceof ParameterizedType map && map.getRawType() == Map.class)
            return Map.of("type", "object", "additionalProperties", schema(map.getActualTypeArguments()[1]));
        if (type instanceof Class<?> other && other.isRecord()) return reference(other, false);
        if (type == String.class) return Map.of("type", "string");
        if (type == Instant.class) return Map.of("type", "string", "format", "date-time");
        if (type == boolean.class || type == Boolean.class) return Map.of("type", "boolean");
        if (type == int.class || type == Integer.class) return Map.of("type", "integer", "format", "int32");
        if (type == long.class || type == Long.class) return Map.of("type", "integer", "format", "int64");
        if (type == double.class || type == Double.class) return Map.of("type", "number", "format", "double");
        throw new IllegalStateException("a wire record holds something that has no schema yet: " + type);
    }

    private static Map<String, Object> parameter(
            String in, String name, Map<String, Object> schema, String meaning, boolean required) {
        Map<String, Object> parameter = new LinkedHashMap<>();
        parameter.put("name", name);
        parameter.put("in", in);
        if (!meaning.isEmpty()) parameter.put("description", meaning);
        parameter.put("required", required);
        parameter.put("schema", schema);
        return parameter;
    }

    private static List<Object> security(Access access) {
        return switch (access) {
            case ANYONE -> List.of();
            case PASSWORD -> List.of(Map.of("password", List.of()));
            case USE, ADMIN -> List.of(Map.of("token", List.of()), Map.of("cookie", List.of()));
        };
    }

    private static Map<String, Object> securitySchemes() {
        Map<String, Object> schemes = new LinkedHashMap<>();
        schemes.put("token", Map.of("type", "http", "scheme", "bearer"));
        schemes.put("password", Map.of("type", "http", "scheme", "basic"));
        schemes.put("cookie", Map.of("type", "apiKey", "in", "cookie", "name", "carrel_portal"));
        return schemes;
    }
}
