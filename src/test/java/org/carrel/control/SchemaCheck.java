package org.carrel.control;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;

/// Checks a value against as much of JSON Schema as our description uses: `$ref`, `type`, `properties`, `required`,
/// `items`, `additionalProperties: false`, `format: date-time`. Beyond the schema it wants every property described.
final class SchemaCheck {
    private final JsonNode document;

    SchemaCheck(JsonNode document) {
        this.document = document;
    }

    /// @return what is wrong, each with its place; empty when it fits
    List<String> faults(JsonNode schema, JsonNode value) {
        List<String> faults = new ArrayList<>();
        check(schema, value, "$", faults);
        return faults;
    }

    private void check(JsonNode schema, JsonNode value, String place, List<String> faults) {
        if (schema.has("$ref")) {
            check(document.at(schema.get("$ref").asText().substring(1)), value, place, faults);
            return;
        }
        String type = schema.path("type").asText();
        if (!isA(type, value)) {
            faults.add(place + " must be " + type + ", is " + value);
            return;
        }
        if (schema.path("format").asText().equals("date-time") && !isInstant(value.asText()))
            faults.add(place + " is no date-time: " + value);
        for (JsonNode name : schema.path("required"))
            if (!value.has(name.asText())) faults.add(place + " lacks " + name);
        for (int i = 0; schema.has("items") && i < value.size(); i++)
            check(schema.get("items"), value.get(i), place + "[" + i + "]", faults);
        if (!schema.has("properties")) return;
        value.properties().forEach(field -> {
            JsonNode property = schema.get("properties").get(field.getKey());
            if (property == null) faults.add(place + " has " + field.getKey() + ", which isn't described");
            else check(property, field.getValue(), place + "." + field.getKey(), faults);
        });
    }

    private static boolean isA(String type, JsonNode value) {
        return switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isTextual();
            case "boolean" -> value.isBoolean();
            case "integer" -> value.isIntegralNumber();
            case "number" -> value.isNumber();
            default -> throw new AssertionError("the checker knows no type " + type);
        };
    }

    private static boolean isInstant(String text) {
        try {
            Instant.parse(text);
            return true;
        } catch (DateTimeParseException no) {
            return false;
        }
    }
}
