package org.carrel.domain.user;

import java.util.Set;

/// Who is asking, as proved by a cookie, a token or a password.
/// @param groups names of groups, for the audience of apps; at most 64
/// @param scopes what this proof allows; never more than the user may
public record Principal(UserId user, Set<String> groups, Set<Scope> scopes) {
    public Principal {
        groups = Set.copyOf(groups);
        scopes = Set.copyOf(scopes);
    }

    public boolean may(Scope scope) {
        return scopes.contains(scope);
    }

    public boolean isAdmin() {
        return may(Scope.ADMIN);
    }
}
