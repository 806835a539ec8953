package org.carrel.launch.process;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.UserId;
import org.carrel.launch.Launcher.Signal;
import org.carrel.launch.Launcher.Usage;
import org.jspecify.annotations.Nullable;

/// What the starter is asked and answers: one connection for each question, one line of JSON each way. PACK and UNPACK
/// carry bytes, too: see `Frames`.
/// `{"verb":"signal","identity":{…},"signal":"TERM"}` -> `{}`; see `Ask` and `Told` for the members.
final class StarterWire {
    static final int MOST_ASKED = 1024 * 1024;
    static final int MOST_TOLD = 4 * 1024 * 1024;

    private static final ObjectMapper JSON = new ObjectMapper();

    private StarterWire() {}

    enum Verb {
        START,
        SIGNAL,
        SETTLE,
        USAGE,
        SCAN,
        CLEAN,
        FORGET,
        PACK,
        UNPACK,
        SET_ASIDE
    }

    /// @param job      of START
    /// @param identity of SIGNAL, SETTLE, USAGE, CLEAN
    /// @param id       of FORGET
    /// @param user     of PACK, UNPACK, SET_ASIDE
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Ask(
            Verb verb,
            @Nullable Job job,
            @Nullable Identity identity,
            @Nullable Signal signal,
            @Nullable SessionId id,
            @Nullable UserId user) {
        static Ask ofHome(Verb verb, UserId user) {
            return new Ask(verb, null, null, null, null, user);
        }
    }

    /// @param refusal a sentence for the user: it could not be started
    /// @param failure a sentence for the administrator
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Told(
            @Nullable Identity identity,
            @Nullable Usage usage,
            @Nullable List<Identity> found,
            @Nullable String refusal,
            @Nullable String failure) {
        static final Told DONE = new Told(null, null, null, null, null);

        static Told refusal(String sentence) {
            return new Told(null, null, null, sentence, null);
        }

        static Told failure(String sentence) {
            return new Told(null, null, null, null, sentence);
        }
    }

    static void write(SocketChannel channel, Object message) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((JSON.writeValueAsString(message) + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) channel.write(bytes);
    }

    /// Reads one line.
    /// @throws IOException when it is longer than `most`, ends early, or doesn't say what is wanted
    static <T> T read(SocketChannel channel, Class<T> type, int most) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(8192);
        while (true) {
            buffer.clear();
            int read = channel.read(buffer);
            if (read < 0) throw new IOException("the line ended early");
            for (int i = 0; i < read; i++) {
                byte b = buffer.get(i);
                if (b == '\n') return parse(line.toString(StandardCharsets.UTF_8), type);
                line.write(b);
            }
            if (line.size() > most) throw new IOException("a line of more than " + most + " bytes");
        }
    }

    private static <T> T parse(String line, Class<T> type) throws IOException {
        try {
            T message = JSON.readValue(line, type);
            if (message == null) throw new IOException("nothing was said");
            return message;
        } catch (JsonProcessingException e) {
            // its whole message has several lines and speaks of Java
            throw new IOException("not understood: " + e.getOriginalMessage(), e);
        }
    }
}
