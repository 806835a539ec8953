package org.carrel.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Type;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// JSON as this program speaks it: instants as ISO 8601 texts in UTC, numbers as numbers, absent fields left out.
///
/// Requests are read strictly: an unknown field, a field twice, a wrong type or anything behind the value is refused
/// with a sentence that names the field. Answers are read leniently, since servers may be newer than their clients.
public final class Json {
    /// most bytes of a request body
    public static final int MAX_REQUEST_BYTES = 64 * 1024;

    /// deepest nesting of a request body
    public static final int MAX_DEPTH = 32;

    private static final int MAX_STRING = 16 * 1024;
    private static final int MAX_ANSWER_STRING = 16 * 1024 * 1024;
    private static final int MAX_NUMBER = 40;
    private static final int MAX_NAME = 256;

    private static final ObjectMapper STRICT = mapper(MAX_STRING)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .withCoercionConfig(LogicalType.Textual, texts -> {
                texts.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
                texts.setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
                texts.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
            })
            .build();

    private static final ObjectMapper LENIENT = mapper(MAX_ANSWER_STRING)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private Json() {}

    /// Reads a request body.
    /// @throws BadJson with a sentence for the sender, which names the field
    public static <T> T read(byte[] body, Class<T> type) throws BadJson {
        if (body.length > MAX_REQUEST_BYTES) throw new BadJson("the body is longer than " + MAX_REQUEST_BYTES);
        try {
            T value = STRICT.readValue(body, type);
            if (value == null) throw new BadJson("the body must be a JSON object, not null");
            return value;
        } catch (UnrecognizedPropertyException unknown) {
            throw new BadJson("unknown field \"" + shown(unknown.getPropertyName()) + "\"; known: "
                    + names(unknown.getKnownPropertyIds()));
        } catch (MismatchedInputException mismatch) {
            if (mismatch.getPath().isEmpty() && isTrailing(mismatch))
                throw new BadJson("something stands behind the JSON value");
            throw new BadJson(place(mismatch) + "has the wrong type" + wanted(mismatch));
        } catch (JsonProcessingException malformed) {
            throw new BadJson("not well-formed JSON" + where(malformed) + ": " + shown(malformed.getOriginalMessage()));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible); // from memory
        }
    }

    /// Reads an answer of a server that may be newer than this program: unknown fields are skipped.
    /// @throws IOException when it isn't the JSON that was expected
    public static <T> T readAnswer(byte[] body, Class<T> type) throws IOException {
        T value = LENIENT.readValue(body, type);
        if (value == null) throw new IOException("expected " + type.getSimpleName() + ", got null");
        return value;
    }

    /// Reads `{items: [...]}`.
    public static <T> List<T> readItems(byte[] body, Class<T> type) throws IOException {
        Type items = LENIENT.getTypeFactory().constructParametricType(Items.class, type);
        Items<T> value = LENIENT.readValue(body, LENIENT.constructType(items));
        if (value == null) throw new IOException("expected a list of " + type.getSimpleName() + ", got null");
        return value.items();
    }

    public static JsonNode readTree(byte[] body) throws IOException {
        return LENIENT.readTree(body);
    }

    /// one line, UTF-8
    public static byte[] bytes(Object value) {
        try {
            return LENIENT.writeValueAsBytes(value);
        } catch (JsonProcessingException bug) {
            throw new IllegalStateException("can't be written as JSON: " + value.getClass(), bug);
        }
    }

    /// one line
    public static String text(Object value) {
        try {
            return LENIENT.writeValueAsString(value);
        } catch (JsonProcessingException bug) {
            throw new IllegalStateException("can't be written as JSON: " + value.getClass(), bug);
        }
    }

    /// indented, for people
    public static String pretty(Object value) {
        try {
            return LENIENT.writerWithDefaultPrettyPrinter().writeValueAsString(value);
        } catch (JsonProcessingException bug) {
            throw new IllegalStateException("can't be written as JSON: " + value.getClass(), bug);
        }
    }

    private static JsonMapper.Builder mapper(int maxString) {
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .maxStringLength(maxString)
                        .maxNumberLength(MAX_NUMBER)
                        .maxNameLength(MAX_NAME)
                        .build())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .build();
        return JsonMapper.builder(factory)
                .addModule(new JavaTimeModule())
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS);
    }

    private static boolean isTrailing(MismatchedInputException mismatch) {
        return mismatch.getOriginalMessage().startsWith("Trailing token"); // Jackson has no type of its own for it
    }

    private static String names(Collection<Object> known) {
        if (known == null || known.isEmpty()) return "none";
        return known.stream().map(String::valueOf).collect(Collectors.toCollection(TreeSet::new)).stream()
                .collect(Collectors.joining(", "));
    }

    private static String place(JsonMappingException wrong) {
        String path = wrong.getPath().stream()
                .map(step -> step.getFieldName() != null ? step.getFieldName() : "[" + step.getIndex() + "]")
                .collect(Collectors.joining("."));
        return path.isEmpty() ? "the body " : "field \"" + shown(path) + "\" ";
    }

    private static String wanted(MismatchedInputException mismatch) {
        Class<?> type = mismatch.getTargetType();
        if (type == null) return "";
        if (type == String.class) return "; a text is wanted";
        if (type == Long.class || type == Integer.class || type == long.class || type == int.class)
            return "; a whole number is wanted";
        if (Collection.class.isAssignableFrom(type)) return "; a list is wanted";
        if (type.isRecord()) return "; an object is wanted";
        return "";
    }

    private static String where(JsonProcessingException malformed) {
        var location = malformed.getLocation();
        return location == null ? "" : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    private static String shown(String text) {
        String clean = text.replaceAll("\\p{Cntrl}", " ");
        return clean.length() > 120 ? clean.substring(0, 120) + "…" : clean;
    }

    /// What a sender must change in a body.
    public static final class BadJson extends Exception {
        public BadJson(String sentence) {
            super(sentence);
        }
    }
}
