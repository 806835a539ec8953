package org.carrel.door;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.carrel.api.Json;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.carrel.port.Knock;
import org.carrel.port.Knock.Traffic;
import org.jspecify.annotations.Nullable;

/// How a connection to a session begins, before anything of the user is sent:
/// ```
/// 2 bytes  length of the JSON, big-endian, 2 to 1024
/// n bytes  JSON, UTF-8: {"session": "<id>", "user": "<name>", "kind": "http|websocket|tcp"}
/// ```
/// The door answers with one byte, a `Status`. Who asks is proved by the certificate of the connection, and what user
/// they ask for is believed of a gateway; whether that user may is decided here.
public record Preface(SessionId session, UserId user, Traffic kind) {
    public static final int JSON_MOST = 1024;
    private static final int JSON_LEAST = 2;

    public static Preface of(Knock knock) {
        return new Preface(knock.session(), knock.by().user(), knock.kind());
    }

    Knock knock() {
        return new Knock(session, new Principal(user, Set.of(), Set.of(Scope.USE)), kind);
    }

    void write(ByteBuf out) {
        byte[] json =
                Json.bytes(new Words(session.value(), user.value(), kind.name().toLowerCase(Locale.ROOT)));
        out.writeShort(json.length).writeBytes(json);
    }

    /// Takes nothing until all of it is there.
    /// @return empty when more must come
    /// @throws IOException when it is none, with what is wrong
    static Optional<Preface> read(ByteBuf in) throws IOException {
        if (in.readableBytes() < 2) return Optional.empty();
        int length = in.getUnsignedShort(in.readerIndex());
        if (length < JSON_LEAST || length > JSON_MOST) throw new IOException("its length is " + length);
        if (in.readableBytes() < 2 + length) return Optional.empty();
        in.skipBytes(2);
        byte[] json = new byte[length];
        in.readBytes(json);
        try {
            return Optional.of(Json.read(json, Words.class).preface());
        } catch (Json.BadJson | IllegalArgumentException senseless) {
            throw new IOException(senseless.getMessage(), senseless);
        }
    }

    private record Words(
            @Nullable String session,
            @Nullable String user,
            @Nullable String kind) {
        Preface preface() {
            if (session == null || user == null || kind == null)
                throw new IllegalArgumentException("a preface names session, user and kind");
            return new Preface(
                    new SessionId(session), new UserId(user), Traffic.valueOf(kind.toUpperCase(Locale.ROOT)));
        }
    }
}
