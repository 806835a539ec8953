package org.carrel.domain.user;

import java.util.regex.Pattern;
import org.carrel.domain.Require;

/// The name a user signs in with. Lower case, so that two spellings can't be two users.
/// @param value 1 to 64 of `a-z 0-9 _ . @ -`, first a letter or `_`
public record UserId(String value) implements Comparable<UserId> {
    private static final Pattern SHAPE = Pattern.compile("[a-z_][a-z0-9_.@-]{0,63}");

    public UserId {
        Require.matching(SHAPE, value, "a user name");
    }

    @Override
    public int compareTo(UserId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
