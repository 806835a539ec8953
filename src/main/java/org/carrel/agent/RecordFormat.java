package org.carrel.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.zip.CRC32C;
import org.carrel.domain.app.AppId;
import org.carrel.domain.idle.IdleRule;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.Handle;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.session.SignOn;
import org.carrel.domain.user.UserId;
import org.carrel.http.Header;
import org.carrel.kind.KindDriver.Probe;
import org.carrel.kind.KindDriver.Secret;

/// A session's record as bytes:
/// ```
/// 4 bytes  ASCII "CRLS"
/// 2 bytes  version, 1
/// 4 bytes  length of the JSON, at most 1 MiB
/// 4 bytes  CRC32C of everything before it and of the JSON
/// n bytes  JSON, UTF-8
/// ```
/// Numbers big-endian; nothing may follow. Every flipped bit is noticed.
final class RecordFormat {
    static final int BYTES_MOST = 1 << 20;
    private static final int MAGIC = 0x43524c53;
    private static final short VERSION = 1;
    private static final int HEAD_BYTES = 14;
    private static final ObjectMapper JSON = new ObjectMapper();

    private RecordFormat() {}

    static byte[] write(SessionRecord record) throws IOException {
        byte[] body = JSON.writeValueAsBytes(tree(record));
        if (body.length > BYTES_MOST)
            throw new IOException(
                    "the record of " + record.id() + " has " + body.length + " bytes, more than " + BYTES_MOST);
        ByteBuffer bytes = ByteBuffer.allocate(HEAD_BYTES + body.length);
        bytes.putInt(MAGIC).putShort(VERSION).putInt(body.length).putInt(0).put(body);
        bytes.putInt(HEAD_BYTES - 4, checksum(bytes.array()));
        return bytes.array();
    }

    /// @throws IOException with what is wrong with it
    static SessionRecord read(byte[] bytes) throws IOException {
        if (bytes.length < HEAD_BYTES) throw new IOException("cut off after " + bytes.length + " bytes");
        ByteBuffer head = ByteBuffer.wrap(bytes);
        if (head.getInt() != MAGIC) throw new IOException("not a session's record");
        short version = head.getShort();
        int length = head.getInt();
        if (length != bytes.length - HEAD_BYTES)
            throw new IOException("says it has " + length + " bytes and has " + (bytes.length - HEAD_BYTES));
        if (head.getInt() != checksum(bytes)) throw new IOException("checksum doesn't match");
        if (version != VERSION) throw new IOException("version " + version + " is not known here");
        try {
            return record(JSON.readTree(bytes, HEAD_BYTES, length));
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new IOException("holds an impossible value: " + e.getMessage(), e);
        }
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, HEAD_BYTES - 4);
        crc.update(bytes, HEAD_BYTES, bytes.length - HEAD_BYTES);
        return (int) crc.getValue();
    }

    private static ObjectNode tree(SessionRecord record) {
        ObjectNode tree = JSON.createObjectNode();
        tree.put("id", record.id().value());
        tree.put("owner", record.key().owner().value());
        tree.put("app", record.key().app().value());
        tree.put("name", record.key().name());
        tree.put("kind", record.kind().value());
        tree.put("cpuMillis", record.demand().cpuMillis());
        tree.put("memoryBytes", record.demand().memoryBytes());
        tree.put("node", record.node().value());
        tree.put("since", record.since().toString());
        switch (record.endpoint()) {
            case Endpoint.Unix(var path) -> tree.put("socket", path);
            case Endpoint.Tcp(var port) -> tree.put("port", port);
        }
        tree.put("secret", record.secret().value());
        ArrayNode inject = tree.putArray("inject");
        for (Header header : record.inject())
            inject.addArray().add(header.name()).add(header.value());
        switch (record.probe()) {
            case Probe.Get(var path, var from, var to) ->
                tree.putObject("probe").put("path", path).put("from", from).put("to", to);
            case Probe.Greeting(var begins, var bytes) ->
                tree.putObject("greeting").put("begins", begins).put("bytes", bytes);
        }
        record.signOn().ifPresent(signOn -> {
            ObjectNode as = tree.putObject("signOn").put("account", signOn.account());
            signOn.key().ifPresent(key -> as.put("key", key));
        });
        ObjectNode idle =
                tree.putObject("idle").put("warning", record.idle().warning().toString());
        record.idle().after().ifPresent(after -> idle.put("after", after.toString()));
        record.idle().maxLife().ifPresent(most -> idle.put("maxLife", most.toString()));
        tree.put("startTimeout", record.startTimeout().toString());
        record.handle().ifPresent(handle -> {
            ObjectNode fields = tree.putObject("handle")
                    .put("launcher", handle.launcher())
                    .put("version", handle.version())
                    .putObject("fields");
            handle.fields().forEach(fields::put);
        });
        record.readyAt().ifPresent(at -> tree.put("readyAt", at.toString()));
        record.end().ifPresent(end -> put(tree.putObject("end"), end));
        record.endedAt().ifPresent(at -> tree.put("endedAt", at.toString()));
        return tree;
    }

    private static void put(ObjectNode tree, End end) {
        switch (end) {
            case End.Stopped(var by) -> tree.put("is", "stopped").put("text", by);
            case End.Idle(var why) -> tree.put("is", "idle").put("text", why);
            case End.Exited(var status, var lines) ->
                lines(tree.put("is", "exited").put("status", status), lines);
            case End.Failed(var cause, var lines) ->
                lines(tree.put("is", "failed").put("text", cause), lines);
            case End.Lost(var how) -> tree.put("is", "lost").put("text", how);
        }
    }

    private static void lines(ObjectNode tree, List<String> lines) {
        ArrayNode array = tree.putArray("lines");
        lines.forEach(array::add);
    }

    private static SessionRecord record(JsonNode tree) throws IOException {
        return new SessionRecord(
                new SessionId(text(tree, "id")),
                new SessionKey(new UserId(text(tree, "owner")), new AppId(text(tree, "app")), text(tree, "name")),
                new KindId(text(tree, "kind")),
                new Resources(
                        tree.path("cpuMillis").asInt(), tree.path("memoryBytes").asLong()),
                new NodeName(text(tree, "node")),
                Instant.parse(text(tree, "since")),
                tree.has("socket")
                        ? new Endpoint.Unix(text(tree, "socket"))
                        : new Endpoint.Tcp(tree.path("port").asInt()),
                new Secret(text(tree, "secret")),
                headers(tree.path("inject")),
                probe(tree),
                optional(tree, "signOn", RecordFormat::signOn),
                idle(tree.path("idle")),
                Duration.parse(text(tree, "startTimeout")),
                optional(tree, "handle", RecordFormat::handle),
                optional(tree, "readyAt", at -> Instant.parse(at.asText())),
                optional(tree, "end", RecordFormat::end),
                optional(tree, "endedAt", at -> Instant.parse(at.asText())));
    }

    private static Probe probe(JsonNode tree) throws IOException {
        if (tree.has("greeting"))
            return new Probe.Greeting(
                    text(tree.path("greeting"), "begins"),
                    tree.path("greeting").path("bytes").asInt());
        JsonNode get = tree.path("probe");
        return new Probe.Get(
                text(get, "path"), get.path("from").asInt(), get.path("to").asInt());
    }

    private static SignOn signOn(JsonNode tree) {
        return new SignOn(tree.path("account").asText(), optional(tree, "key", JsonNode::asText));
    }

    private static IdleRule idle(JsonNode tree) throws IOException {
        return new IdleRule(
                optional(tree, "after", after -> Duration.parse(after.asText())),
                Duration.parse(text(tree, "warning")),
                optional(tree, "maxLife", most -> Duration.parse(most.asText())));
    }

    private static List<Header> headers(JsonNode array) {
        List<Header> headers = new ArrayList<>();
        array.forEach(pair ->
                headers.add(new Header(pair.path(0).asText(), pair.path(1).asText())));
        return headers;
    }

    private static Handle handle(JsonNode tree) {
        Map<String, String> fields = new HashMap<>();
        tree.path("fields")
                .properties()
                .forEach(field -> fields.put(field.getKey(), field.getValue().asText()));
        return new Handle(tree.path("launcher").asText(), tree.path("version").asInt(), fields);
    }

    private static End end(JsonNode tree) {
        String text = tree.path("text").asText();
        List<String> lines = new ArrayList<>();
        tree.path("lines").forEach(line -> lines.add(line.asText()));
        String is = tree.path("is").asText();
        return switch (is) {
            case "stopped" -> new End.Stopped(text);
            case "idle" -> new End.Idle(text);
            case "exited" -> new End.Exited(tree.path("status").asInt(), lines);
            case "failed" -> new End.Failed(text, lines);
            case "lost" -> new End.Lost(text);
            default -> throw new IllegalArgumentException("no such end: " + is);
        };
    }

    private static <T> Optional<T> optional(JsonNode tree, String name, Function<JsonNode, T> read) {
        return tree.hasNonNull(name) ? Optional.of(read.apply(tree.get(name))) : Optional.empty();
    }

    private static String text(JsonNode tree, String name) throws IOException {
        if (!tree.path(name).isTextual()) throw new IOException("lacks \"" + name + "\"");
        return tree.get(name).asText();
    }
}
