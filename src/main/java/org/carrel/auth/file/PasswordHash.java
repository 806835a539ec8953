package org.carrel.auth.file;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.bouncycastle.crypto.params.Argon2Parameters;

/// A password as it is stored. Slow to check on purpose: about 50 ms and up to 256 MiB.
/// @param text `$argon2id$v=19$m=<KiB>,t=<passes>,p=<lanes>$<salt>$<hash>` (PHC string format; Base64 without
/// padding),
///             or `$2y$<cost>$…` as `htpasswd -B` writes it
public record PasswordHash(String text) {
    /// 19 MiB, 2 passes, 1 lane. Source: OWASP Password Storage Cheat Sheet, "Argon2id".
    private static final int MEMORY_KIB = 19_456;

    private static final int PASSES = 2;
    private static final int LANES = 1;
    private static final int HASH_BYTES = 32;
    private static final int SALT_BYTES = 16;

    private static final int MAX_MEMORY_KIB = 262_144;
    private static final int MAX_PASSES = 10;
    private static final int MAX_LANES = 8;
    private static final int MAX_COST = 14;
    private static final Pattern ARGON = Pattern.compile("\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=(\\d{1,2})"
            + "\\$([A-Za-z0-9+/]{11,86})\\$([A-Za-z0-9+/]{22,86})");
    private static final Pattern BCRYPT = Pattern.compile("\\$2[aby]\\$(\\d\\d)\\$[./A-Za-z0-9]{53}");
    private static final SecureRandom RANDOM = new SecureRandom();

    /// @throws IllegalArgumentException when it is of no kind we know, or so costly that checking it would hurt
    public PasswordHash {
        Matcher argon = ARGON.matcher(text);
        Matcher bcrypt = BCRYPT.matcher(text);
        if (argon.matches()) {
            int memory = Integer.parseInt(argon.group(1));
            int passes = Integer.parseInt(argon.group(2));
            int lanes = Integer.parseInt(argon.group(3));
            if (lanes < 1 || lanes > MAX_LANES || passes < 1 || passes > MAX_PASSES)
                throw new IllegalArgumentException("argon2id needs 1 to 10 passes (t) and 1 to 8 lanes (p)");
            if (memory < 8 * lanes || memory > MAX_MEMORY_KIB)
                throw new IllegalArgumentException("argon2id needs from 8 KiB for each lane to 256 MiB (m=262144)");
        } else if (bcrypt.matches()) {
            int cost = Integer.parseInt(bcrypt.group(1));
            if (cost < 4 || cost > MAX_COST) throw new IllegalArgumentException("bcrypt needs a cost from 4 to 14");
        } else {
            throw new IllegalArgumentException("the password must be hashed: $argon2id$v=19$… or $2y$…");
        }
    }

    public static PasswordHash of(String password) {
        byte[] salt = new byte[SALT_BYTES];
        RANDOM.nextBytes(salt);
        byte[] hash = argon(password, salt, MEMORY_KIB, PASSES, LANES, HASH_BYTES);
        Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
        return new PasswordHash("$argon2id$v=19$m=" + MEMORY_KIB + ",t=" + PASSES + ",p=" + LANES + "$"
                + base64.encodeToString(salt) + "$" + base64.encodeToString(hash));
    }

    public boolean holds(String password) {
        Matcher argon = ARGON.matcher(text);
        if (!argon.matches()) return OpenBSDBCrypt.checkPassword(text, password.getBytes(StandardCharsets.UTF_8));
        Base64.Decoder base64 = Base64.getDecoder();
        byte[] wanted = base64.decode(argon.group(5));
        byte[] found = argon(
                password,
                base64.decode(argon.group(4)),
                Integer.parseInt(argon.group(1)),
                Integer.parseInt(argon.group(2)),
                Integer.parseInt(argon.group(3)),
                wanted.length);
        return MessageDigest.isEqual(wanted, found);
    }

    @Override
    public String toString() {
        return text.substring(0, Math.min(8, text.length())) + "…";
    }

    private static byte[] argon(String password, byte[] salt, int memoryKib, int passes, int lanes, int length) {
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withMemoryAsKB(memoryKib)
                .withIterations(passes)
                .withParallelism(lanes)
                .withSalt(salt)
                .build());
        byte[] hash = new byte[length];
        generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
        return hash;
    }
}
