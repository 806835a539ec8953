package org.carrel.launch.process;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.UserId;
import org.carrel.launch.Launcher.Activity;
import org.carrel.launch.Launcher.Signal;
import org.carrel.launch.Launcher.Usage;
import org.carrel.launch.process.Box.Owner;
import org.carrel.launch.process.StarterWords.Ask;
import org.carrel.launch.process.StarterWords.Setting;
import org.carrel.launch.process.StarterWords.Told;

/// How the starter and its parent talk: one connection for each question, one message each way. PACK and UNPACK carry
/// bytes, too: see `Frames`. Written out by hand, because it is read as root, and waited for at every start: a mapper
/// of objects does by reflection whatever the bytes name, and takes a tenth of a second of each side to begin with.
///
/// | what | bytes |
/// |---|---|
/// | message | length in 4, then so many: what it is in 1, then its members one behind the other |
/// | number | 4 or 8, the highest first |
/// | text | its length in 4, then UTF-8 |
/// | list, map | how many in 4, then each, of a map key and value |
/// | yes or no | 1 or 0 in 1 |
///
/// Both ends are the same program, so there are no versions. Everything that reads throws `IOException` for what isn't
/// well-formed to its last byte, and `IllegalArgumentException` for members that can't be.
final class StarterWire {
    static final int MOST_ASKED = 1024 * 1024;
    static final int MOST_TOLD = 4 * 1024 * 1024;
    private static final int MOST_SET = 64 * 1024;

    private StarterWire() {}

    private enum Verb {
        START,
        SEND,
        SETTLE,
        MEASURE,
        SCAN,
        CLEAN,
        FORGET,
        PACK,
        UNPACK,
        SET_ASIDE,
        RSESSIONS,
        MEASURE_R,
        SEND_R
    }

    private enum Answer {
        DONE,
        BEGAN,
        USED,
        FOUND,
        FOUND_R,
        USED_R,
        REFUSED,
        FAILED
    }

    // ---- messages

    static void ask(SocketChannel channel, Ask ask) throws IOException {
        send(channel, framed(asking(ask), MOST_ASKED));
    }

    static Ask asked(SocketChannel channel) throws IOException {
        return asked(received(channel, MOST_ASKED));
    }

    static void tell(SocketChannel channel, Told told) throws IOException {
        send(channel, framed(telling(told), MOST_TOLD));
    }

    static Told told(SocketChannel channel) throws IOException {
        return told(received(channel, MOST_TOLD));
    }

    static void set(OutputStream to, Setting setting) throws IOException {
        to.write(framed(setting(setting), MOST_SET).array());
        to.flush();
    }

    /// @return empty when it ended before anything was said
    static Optional<Setting> set(InputStream from) throws IOException {
        byte[] length = from.readNBytes(4);
        if (length.length == 0) return Optional.empty();
        if (length.length < 4) throw new EOFException("the message ended early");
        byte[] bytes = from.readNBytes(checked(ByteBuffer.wrap(length).getInt(), MOST_SET));
        return Optional.of(whole(ByteBuffer.wrap(bytes), StarterWire::setting));
    }

    // ---- their bytes, without the length

    static byte[] asking(Ask ask) throws IOException {
        return bytes(out -> {
            switch (ask) {
                case Ask.Start(var job) -> write(begin(out, Verb.START), job);
                case Ask.Send(var signal, var to) -> write(begin(begin(out, Verb.SEND), signal), to);
                case Ask.Settle(var identity) -> write(begin(out, Verb.SETTLE), identity);
                case Ask.Measure(var identity) -> write(begin(out, Verb.MEASURE), identity);
                case Ask.Scan() -> begin(out, Verb.SCAN);
                case Ask.Clean(var identity) -> write(begin(out, Verb.CLEAN), identity);
                case Ask.Forget(var id) -> write(begin(out, Verb.FORGET), id.value());
                case Ask.Pack(var user) -> write(begin(out, Verb.PACK), user.value());
                case Ask.Unpack(var user) -> write(begin(out, Verb.UNPACK), user.value());
                case Ask.SetAside(var user) -> write(begin(out, Verb.SET_ASIDE), user.value());
                case Ask.RSessions() -> begin(out, Verb.RSESSIONS);
                case Ask.MeasureR(var session) -> write(begin(out, Verb.MEASURE_R), session);
                case Ask.SendR(var signal, var to) -> write(begin(begin(out, Verb.SEND_R), signal), to);
            }
        });
    }

    static Ask asked(ByteBuffer bytes) throws IOException {
        return whole(bytes, in -> switch (oneOf(in, Verb.values())) {
            case START -> new Ask.Start(job(in));
            case SEND -> new Ask.Send(oneOf(in, Signal.values()), identity(in));
            case SETTLE -> new Ask.Settle(identity(in));
            case MEASURE -> new Ask.Measure(identity(in));
            case SCAN -> new Ask.Scan();
            case CLEAN -> new Ask.Clean(identity(in));
            case FORGET -> new Ask.Forget(new SessionId(text(in)));
            case PACK -> new Ask.Pack(new UserId(text(in)));
            case UNPACK -> new Ask.Unpack(new UserId(text(in)));
            case SET_ASIDE -> new Ask.SetAside(new UserId(text(in)));
            case RSESSIONS -> new Ask.RSessions();
            case MEASURE_R -> new Ask.MeasureR(rsession(in));
            case SEND_R -> new Ask.SendR(oneOf(in, Signal.values()), rsession(in));
        });
    }

    static byte[] telling(Told told) throws IOException {
        return bytes(out -> {
            switch (told) {
                case Told.Done() -> begin(out, Answer.DONE);
                case Told.Began(var identity) -> write(begin(out, Answer.BEGAN), identity);
                case Told.Used(var usage) -> write(begin(out, Answer.USED), usage);
                case Told.Found(var all) -> {
                    begin(out, Answer.FOUND).writeInt(all.size());
                    for (Identity identity : all) write(out, identity);
                }
                case Told.FoundR(var all) -> {
                    begin(out, Answer.FOUND_R).writeInt(all.size());
                    for (RSession session : all) write(out, session);
                }
                case Told.UsedR(var use) -> {
                    write(begin(out, Answer.USED_R), use.usage());
                    out.writeBoolean(use.activity().isPresent());
                    if (use.activity().isPresent()) write(out, use.activity().get());
                }
                case Told.Refused(var sentence) -> write(begin(out, Answer.REFUSED), sentence);
                case Told.Failed(var sentence) -> write(begin(out, Answer.FAILED), sentence);
            }
        });
    }

    static Told told(ByteBuffer bytes) throws IOException {
        return whole(bytes, in -> switch (oneOf(in, Answer.values())) {
            case DONE -> new Told.Done();
            case BEGAN -> new Told.Began(identity(in));
            case USED -> new Told.Used(usage(in));
            case FOUND -> new Told.Found(list(in, StarterWire::identity));
            case FOUND_R -> new Told.FoundR(list(in, StarterWire::rsession));
            case USED_R ->
                new Told.UsedR(new RSession.Use(usage(in), yes(in) ? Optional.of(activity(in)) : Optional.empty()));
            case REFUSED -> new Told.Refused(text(in));
            case FAILED -> new Told.Failed(text(in));
        });
    }

    // ---- their members: writing

    private static byte[] setting(Setting setting) throws IOException {
        return bytes(out -> {
            for (String text :
                    List.of(setting.boxes(), setting.homes(), setting.run(), setting.uids(), setting.socket()))
                write(out, text);
            out.writeInt(setting.gateway().uid());
            out.writeInt(setting.gateway().gid());
        });
    }

    private static void write(DataOutputStream out, Job job) throws IOException {
        write(out, job.id().value());
        write(out, job.user().value());
        out.writeInt(job.argv().size());
        for (String word : job.argv()) write(out, word);
        write(out, job.environment());
        write(out, job.directory());
        write(out, job.files());
        out.writeInt(job.limits().cpuMillis());
        out.writeLong(job.limits().memoryBytes());
        out.writeBoolean(job.ownNetwork());
    }

    private static void write(DataOutputStream out, Identity identity) throws IOException {
        write(out, identity.id().value());
        out.writeLong(identity.pid());
        out.writeLong(identity.start());
        write(out, identity.boot());
        out.writeInt(identity.uid());
    }

    private static void write(DataOutputStream out, RSession session) throws IOException {
        out.writeLong(session.pid());
        out.writeLong(session.start());
        write(out, session.boot());
        out.writeInt(session.uid());
    }

    private static void write(DataOutputStream out, Activity activity) throws IOException {
        out.writeBoolean(activity.working());
        out.writeLong(activity.lastUse().map(Instant::toEpochMilli).orElse(0L));
        write(out, activity.project().orElse(""));
    }

    private static void write(DataOutputStream out, Usage usage) throws IOException {
        out.writeLong(usage.cpuNanos());
        out.writeLong(usage.pssBytes());
        out.writeInt(usage.processes());
    }

    private static void write(DataOutputStream out, Map<String, String> map) throws IOException {
        out.writeInt(map.size());
        for (var entry : map.entrySet()) {
            write(out, entry.getKey());
            write(out, entry.getValue());
        }
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static DataOutputStream begin(DataOutputStream out, Enum<?> what) throws IOException {
        out.writeByte(what.ordinal());
        return out;
    }

    // ---- their members: reading

    private static Setting setting(ByteBuffer in) throws IOException {
        return new Setting(text(in), text(in), text(in), text(in), text(in), new Owner(in.getInt(), in.getInt()));
    }

    private static Job job(ByteBuffer in) throws IOException {
        return new Job(
                new SessionId(text(in)),
                new UserId(text(in)),
                list(in, StarterWire::text),
                map(in),
                text(in),
                map(in),
                new Resources(in.getInt(), in.getLong()),
                yes(in));
    }

    private static Identity identity(ByteBuffer in) throws IOException {
        return new Identity(new SessionId(text(in)), in.getLong(), in.getLong(), text(in), in.getInt());
    }

    private static RSession rsession(ByteBuffer in) throws IOException {
        return new RSession(in.getLong(), in.getLong(), text(in), in.getInt());
    }

    private static Usage usage(ByteBuffer in) {
        return new Usage(in.getLong(), in.getLong(), in.getInt());
    }

    private static Activity activity(ByteBuffer in) throws IOException {
        return new Activity(
                yes(in),
                Optional.of(Instant.ofEpochMilli(in.getLong())).filter(it -> it.toEpochMilli() > 0),
                Optional.of(text(in)).filter(it -> !it.isEmpty()));
    }

    private static Map<String, String> map(ByteBuffer in) throws IOException {
        Map<String, String> map = new HashMap<>();
        for (int left = count(in); left > 0; left--)
            if (map.put(text(in), text(in)) != null) throw new IOException("not understood: a key that is there twice");
        return map;
    }

    private static <T> List<T> list(ByteBuffer in, Reading<T> one) throws IOException {
        List<T> list = new ArrayList<>();
        for (int left = count(in); left > 0; left--) list.add(one.of(in));
        return list;
    }

    /// Each takes four bytes at least, so nobody is promised more than came.
    private static int count(ByteBuffer in) throws IOException {
        int count = in.getInt();
        if (count < 0 || count > in.remaining() / 4) throw new IOException("not understood: a list of " + count);
        return count;
    }

    /// @throws java.nio.charset.CharacterCodingException when it is no UTF-8
    private static String text(ByteBuffer in) throws IOException {
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) throw new IOException("not understood: a text of " + length);
        ByteBuffer bytes = in.slice(in.position(), length);
        in.position(in.position() + length);
        return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    }

    private static boolean yes(ByteBuffer in) throws IOException {
        byte b = in.get();
        if (b != 0 && b != 1) throw new IOException("not understood: neither yes nor no");
        return b == 1;
    }

    private static <T> T oneOf(ByteBuffer in, T[] all) throws IOException {
        int which = in.get();
        if (which < 0 || which >= all.length) throw new IOException("not understood: there is no word " + which);
        return all[which];
    }

    // ---- bytes

    private interface Reading<T> {
        T of(ByteBuffer in) throws IOException;
    }

    private interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    private static byte[] bytes(Writing writing) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        writing.to(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private static <T> T whole(ByteBuffer bytes, Reading<T> reading) throws IOException {
        try {
            T read = reading.of(bytes);
            if (bytes.hasRemaining()) throw new IOException("not understood: " + bytes.remaining() + " bytes too many");
            return read;
        } catch (BufferUnderflowException early) {
            throw new IOException("not understood: it ends early", early);
        }
    }

    private static ByteBuffer framed(byte[] bytes, int most) throws IOException {
        return ByteBuffer.allocate(4 + bytes.length)
                .putInt(checked(bytes.length, most))
                .put(bytes)
                .flip();
    }

    private static int checked(int length, int most) throws IOException {
        if (length < 0 || length > most) throw new IOException("a message of more than " + most + " bytes");
        return length;
    }

    private static void send(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) channel.write(bytes);
    }

    private static ByteBuffer received(SocketChannel channel, int most) throws IOException {
        return exactly(channel, checked(exactly(channel, 4).getInt(), most));
    }

    private static ByteBuffer exactly(SocketChannel channel, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) if (channel.read(bytes) < 0) throw new EOFException("the message ended early");
        return bytes.flip();
    }
}
