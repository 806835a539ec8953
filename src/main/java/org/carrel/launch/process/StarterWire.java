package org.carrel.launch.process;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.UserId;
import org.carrel.launch.Launcher.Signal;
import org.carrel.launch.Launcher.Usage;
import org.carrel.launch.process.Box.Owner;
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

    /// What a starter is told before all else, on its standard input.
    /// @param uids    the file that remembers who has which uid
    /// @param gateway who may connect to the socket
    record Setting(String boxes, String homes, String run, String uids, String socket, Owner gateway) {}

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

    /// What the first exchange would learn of its words takes both sides a while the first time. From any thread.
    static void prepare() {
        try {
            parse(line(new Ask(Verb.SCAN, null, null, null, null, null)), Ask.class);
            parse(line(new Told(null, null, List.of(), null, null)), Told.class);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /// One line, without its end.
    static String line(Object message) throws IOException {
        return JSON.writeValueAsString(message);
    }

    static void write(SocketChannel channel, Object message) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((line(message) + "\n").getBytes(StandardCharsets.UTF_8));
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

    static <T> T parse(String line, Class<T> type) throws IOException {
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
