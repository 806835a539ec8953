package org.carrel.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import org.carrel.gateway.http1.Bytes;
import org.carrel.http.Answer;
import org.carrel.http.Header;

/// Answers of our own as bytes.
final class Answers {
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH);
    private static final Map<Integer, String> REASONS = Map.ofEntries(
            Map.entry(200, "OK"),
            Map.entry(201, "Created"),
            Map.entry(202, "Accepted"),
            Map.entry(204, "No Content"),
            Map.entry(302, "Found"),
            Map.entry(303, "See Other"),
            Map.entry(304, "Not Modified"),
            Map.entry(307, "Temporary Redirect"),
            Map.entry(308, "Permanent Redirect"),
            Map.entry(400, "Bad Request"),
            Map.entry(401, "Unauthorized"),
            Map.entry(403, "Forbidden"),
            Map.entry(404, "Not Found"),
            Map.entry(405, "Method Not Allowed"),
            Map.entry(408, "Request Timeout"),
            Map.entry(409, "Conflict"),
            Map.entry(410, "Gone"),
            Map.entry(413, "Content Too Large"),
            Map.entry(417, "Expectation Failed"),
            Map.entry(421, "Misdirected Request"),
            Map.entry(429, "Too Many Requests"),
            Map.entry(431, "Request Header Fields Too Large"),
            Map.entry(500, "Internal Server Error"),
            Map.entry(502, "Bad Gateway"),
            Map.entry(503, "Service Unavailable"),
            Map.entry(504, "Gateway Timeout"),
            Map.entry(505, "HTTP Version Not Supported"));

    private Answers() {}

    /// For whoever sends what no page can answer.
    static ByteBuf plain(Loop loop, ByteBufAllocator allocator, int status, String why) {
        return whole(
                loop, allocator, Answer.text(status, status + " " + reason(status) + ": " + why + "\n"), false, true);
    }

    /// @param head the body is left out, its length is told
    static ByteBuf whole(Loop loop, ByteBufAllocator allocator, Answer.Whole answer, boolean head, boolean close) {
        boolean bodiless = answer.status() == 204 || answer.status() == 304;
        Bytes out = start(loop.out.clear(), answer.status());
        boolean typed = false;
        for (Header header : answer.headers()) {
            line(out, header);
            typed |= header.name().equalsIgnoreCase("X-Content-Type-Options");
        }
        if (!typed) out.add("X-Content-Type-Options: nosniff\r\n");
        if (!bodiless)
            out.add("Content-Length: ")
                    .add(Integer.toString(answer.body().length))
                    .add("\r\n");
        end(out, close);
        int body = head || bodiless ? 0 : answer.body().length;
        return loop.takeOut(allocator, body).writeBytes(answer.body(), 0, body);
    }

    /// The head of an endless answer in chunks.
    static ByteBuf stream(Loop loop, ByteBufAllocator allocator, boolean chunked, boolean close) {
        Bytes out = start(loop.out.clear(), 200);
        out.add("Content-Type: text/event-stream\r\nCache-Control: no-store\r\nX-Accel-Buffering: no\r\n");
        out.add("X-Content-Type-Options: nosniff\r\n");
        if (chunked) out.add("Transfer-Encoding: chunked\r\n");
        end(out, close);
        return loop.takeOut(allocator, 0);
    }

    static ByteBuf goOn(ByteBufAllocator allocator) {
        return allocator.directBuffer(32).writeBytes("HTTP/1.1 100 Continue\r\n\r\n".getBytes(ISO_8859_1));
    }

    private static Bytes start(Bytes out, int status) {
        out.add("HTTP/1.1 ")
                .add(Integer.toString(status))
                .add(' ')
                .add(reason(status))
                .add("\r\n");
        return out.add("Date: ")
                .add(DATE.format(ZonedDateTime.now(ZoneOffset.UTC)))
                .add("\r\n");
    }

    private static void end(Bytes out, boolean close) {
        if (close) out.add("Connection: close\r\n");
        out.add("\r\n");
    }

    /// Values are UTF-8, as handlers wrote them; nothing in them can end the line.
    private static void line(Bytes out, Header header) {
        out.add(clean(header.name())).add(": ");
        out.add(clean(header.value()).getBytes(UTF_8)).add("\r\n");
    }

    private static String clean(String text) {
        for (int i = 0; i < text.length(); i++)
            if (text.charAt(i) < 0x20 && text.charAt(i) != '\t')
                throw new IllegalArgumentException("a control character in a header of an answer");
        return text;
    }

    private static String reason(int status) {
        return REASONS.getOrDefault(status, "Status");
    }
}
