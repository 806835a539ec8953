package org.carrel.domain.user;

import java.util.regex.Pattern;
import org.carrel.domain.Require;

/// The name a user signs in with. Lower case, so that two spellings can't be two users.
/// @param value 1 to 64 of `a-z 0-9 _ . @ -`, first a letter or `_`
public record UserId(String value) implements Comparable<UserId> {
    private static final Pattern SHAPE = Pattern.compile("[a-z_][a-z0-9_.@-]{0,63}");
    private static final String OF_SERVICE = "_service.";

    /// Stands for whoever isn't signed in, where an app lets such people in.
    public static final UserId ANYBODY = new UserId("_anybody");

    public UserId {
        Require.matching(SHAPE, value, "a user name");
    }

    public static boolean isWellFormed(String name) {
        return SHAPE.matcher(name).matches();
    }

    /// Owns the copies of a service. Nobody can sign in by such a name.
    public static UserId ofService(String app) {
        return new UserId(OF_SERVICE + app);
    }

    /// not `is…`: a value that travels as JSON has its name and nothing else
    public boolean ownsService() {
        return value.startsWith(OF_SERVICE);
    }

    /// A name of ours, that no person can have.
    public boolean cannotSignIn() {
        return ownsService() || equals(ANYBODY);
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
