package org.carrel.auth.file;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.zip.CRC32;
import org.carrel.auth.Authenticator;
import org.carrel.auth.file.UserLines.Entry;
import org.carrel.domain.user.UserId;

/// Sign-in by the users file.
///
/// For an unknown user the hash of somebody else is computed and the result thrown away, always the same
/// somebody for
/// the same name: so neither one answer's time nor many tell who exists, whatever kinds of hashes the file holds.
public final class FileAuthenticator implements Authenticator {
    /// Each check may take 19 MiB (256 at most): more at once would be an attack on memory.
    private static final int AT_ONCE = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 4);

    private static final PasswordHash NOBODY = new PasswordHash(
            "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");

    private final Users users;
    private final Semaphore turns = new Semaphore(AT_ONCE, true);
    private final byte[] salt = new byte[16];
    private Decoys decoys = new Decoys(new UserLines(Map.of(), List.of()), List.of());

    private record Decoys(UserLines of, List<PasswordHash> hashes) {}

    public FileAuthenticator(Users users) {
        this.users = users;
        new SecureRandom().nextBytes(salt);
    }

    @Override
    public String name() {
        return "file";
    }

    @Override
    public Verdict authenticate(Credentials credentials) throws InterruptedException {
        Optional<Entry> entry = users.entry(credentials.user());
        PasswordHash hash = entry.map(Entry::hash).orElseGet(() -> decoy(credentials.user()));
        boolean holds = check(hash, credentials.password());
        if (entry.isEmpty()) return new Verdict.NotMine();
        return holds ? new Verdict.Known(entry.get().account()) : new Verdict.Challenge("wrong password");
    }

    private boolean check(PasswordHash hash, String password) throws InterruptedException {
        turns.acquire();
        try {
            return hash.holds(password);
        } finally {
            turns.release();
        }
    }

    private synchronized PasswordHash decoy(UserId unknown) {
        UserLines now = users.lines();
        if (decoys.of() != now)
            decoys = new Decoys(
                    now,
                    now.entries().values().stream()
                            .sorted(Comparator.comparing(
                                    entry -> entry.account().user()))
                            .map(Entry::hash)
                            .toList());
        if (decoys.hashes().isEmpty()) return NOBODY;
        CRC32 crc = new CRC32();
        crc.update(salt);
        crc.update(unknown.value().getBytes(StandardCharsets.UTF_8));
        return decoys.hashes().get((int) (crc.getValue() % decoys.hashes().size()));
    }
}
