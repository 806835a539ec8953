package org.carrel.auth;

import static org.carrel.domain.Require.require;

import java.util.EnumSet;
import java.util.Set;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;

/// What is known of a user at this moment.
/// @param groups at most 64; members of `admin` are administrators
/// @param stamp  changes when the user must sign in anew (another password); part of every proof, 1 to 32 visible
///               ASCII characters without `|`
public record Account(UserId user, Set<String> groups, String stamp) {
    public static final String ADMIN_GROUP = "admin";

    public Account {
        groups = Set.copyOf(groups);
        // every proof of a person goes through an account
        require(!user.cannotSignIn(), user + " is a name of the system's own and can't sign in");
        require(groups.size() <= 64, "a user can be in 64 groups at most");
        require(stamp.matches("[!-{}~]{1,32}"), "not a stamp: " + stamp);
    }

    /// everything this user may do
    public Principal principal() {
        Set<Scope> scopes = groups.contains(ADMIN_GROUP) ? EnumSet.allOf(Scope.class) : EnumSet.of(Scope.USE);
        return new Principal(user, groups, scopes);
    }

    /// @param wanted what a token was made for; what the user may no longer do is left out
    public Principal principal(Set<Scope> wanted) {
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        scopes.addAll(wanted);
        scopes.retainAll(principal().scopes());
        return new Principal(user, groups, scopes);
    }
}
