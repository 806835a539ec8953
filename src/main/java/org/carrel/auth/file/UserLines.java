package org.carrel.auth.file;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.carrel.auth.Account;
import org.carrel.domain.user.UserId;

/// The text of a users file:
///
///     # name:hash:groups      groups separated by commas, may be left out
///     ada:$argon2id$v=19$m=19456,t=2,p=1$…:stats,admin
///     ben:$2y$10$…
///
/// A bad line is reported and left out; the others count.
/// @param faults in the order of the lines; at most `MAX_FAULTS`
public record UserLines(Map<UserId, Entry> entries, List<Fault> faults) {
    public static final int MAX_USERS = 100_000;
    public static final int MAX_FAULTS = 100;
    private static final Pattern GROUP = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9_.@-]{0,63}");
    /// Sessions run as users of the system where they can: nobody becomes one of these by a line in a file.
    private static final Set<String> RESERVED = Set.of("root", "daemon", "bin", "sys", "nobody", "carrel", "local");

    public record Entry(Account account, PasswordHash hash) {}

    /// What doesn't count.
    /// @param line from 1; 0: the file as a whole
    /// @param what a sentence, without the hash
    public record Fault(int line, String what) {}

    public UserLines {
        entries = Map.copyOf(entries);
        faults = List.copyOf(faults);
    }

    public static UserLines parse(String text) {
        Map<UserId, Entry> entries = new LinkedHashMap<>();
        List<Fault> faults = new ArrayList<>();
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            if (line.isBlank() || line.strip().startsWith("#")) continue;
            try {
                Entry entry = entry(line.strip());
                UserId user = entry.account().user();
                if (entries.size() == MAX_USERS)
                    throw new IllegalArgumentException("there are more than 100,000 users");
                if (entries.putIfAbsent(user, entry) != null)
                    throw new IllegalArgumentException(user + " stands here twice; the first line counts");
            } catch (IllegalArgumentException wrong) {
                if (faults.size() < MAX_FAULTS) faults.add(new Fault(number, String.valueOf(wrong.getMessage())));
            }
        }
        return new UserLines(entries, faults);
    }

    /// A line for this file, without line break.
    /// @throws IllegalArgumentException when it would be refused on reading
    public static String line(UserId user, PasswordHash hash, Set<String> groups) {
        String line = user + ":" + hash.text() + ":" + String.join(",", new TreeSet<>(groups));
        entry(line);
        return line;
    }

    private static Entry entry(String line) {
        String[] parts = line.split(":", -1);
        if (parts.length < 2 || parts.length > 3)
            throw new IllegalArgumentException("a line is name:hash:groups, with 2 or 3 parts, not " + parts.length);
        UserId user = new UserId(parts[0].strip());
        if (RESERVED.contains(user.value()))
            throw new IllegalArgumentException(user + " is a name of the system's own and can't sign in");
        PasswordHash hash = new PasswordHash(parts[1].strip());
        return new Entry(new Account(user, groups(parts.length == 3 ? parts[2] : ""), stamp(hash)), hash);
    }

    private static Set<String> groups(String list) {
        Set<String> groups = new TreeSet<>();
        for (String group : list.split(",")) {
            if (group.isBlank()) continue;
            if (!GROUP.matcher(group.strip()).matches())
                throw new IllegalArgumentException("a group must match " + GROUP);
            groups.add(group.strip());
        }
        return groups;
    }

    private static String stamp(PasswordHash hash) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(hash.text().getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(digest)
                    .substring(0, 12);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // every Java has SHA-256
        }
    }
}
