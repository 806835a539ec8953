package org.carrel.trust;

import static org.carrel.domain.Require.require;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;

/// What an invited machine needs to know, as one word: where to knock, by what it knows the cluster there, and by what
/// it
/// is known itself. It is used once and soon worthless; until then whoever has it can become a node.
///
/// The word: `carrel-join-` and, in Base64 for addresses, `1 <fingerprint> <id> <secret> <expires> <door> …`.
/// @param fingerprint SHA-256 of the cluster's certificate, 64 hex digits
/// @param id          names the invitation; 8 hex digits, no secret
/// @param secret      32 hex digits
/// @param doors       `host:port`, 1 to 8
public record JoinToken(String fingerprint, String id, String secret, Instant expires, List<String> doors) {
    private static final String BEGIN = "carrel-join-";
    private static final String VERSION = "1";
    private static final int TEXT_MOST = 2_000;
    private static final int DOORS_MOST = 8;

    public JoinToken {
        require(fingerprint.matches("[0-9a-f]{64}"), "no fingerprint");
        require(id.matches("[0-9a-f]{8}") && secret.matches("[0-9a-f]{32}"), "no invitation");
        doors = List.copyOf(doors);
        require(!doors.isEmpty() && doors.size() <= DOORS_MOST, "a token names 1 to " + DOORS_MOST + " doors");
        for (String door : doors) require(door.matches("[!-~]{1,253}:\\d{1,5}"), "no door");
    }

    public String text() {
        String words = String.join(
                " ",
                VERSION,
                fingerprint,
                id,
                secret,
                Long.toString(expires.getEpochSecond()),
                String.join(" ", doors));
        return BEGIN
                + Base64.getUrlEncoder().withoutPadding().encodeToString(words.getBytes(StandardCharsets.US_ASCII));
    }

    /// @throws IllegalArgumentException with a sentence for whoever typed it; the token isn't in it
    public static JoinToken of(String text) {
        String word = text.strip();
        if (!word.startsWith(BEGIN) || word.length() > TEXT_MOST)
            throw new IllegalArgumentException(
                    "that is no token: it begins with " + BEGIN + " and is printed by `carrel invite`");
        try {
            String[] words = new String(
                            Base64.getUrlDecoder().decode(word.substring(BEGIN.length())), StandardCharsets.US_ASCII)
                    .split(" ");
            require(words.length > 5 && words[0].equals(VERSION), "another version");
            return new JoinToken(
                    words[1],
                    words[2],
                    words[3],
                    Instant.ofEpochSecond(Long.parseLong(words[4])),
                    List.of(words).subList(5, words.length));
        } catch (RuntimeException damaged) {
            throw new IllegalArgumentException("that token is damaged or cut off; copy the whole line again", damaged);
        }
    }

    /// never its secret
    @Override
    public String toString() {
        return "JoinToken[id=" + id + ", expires=" + expires + "]";
    }
}
