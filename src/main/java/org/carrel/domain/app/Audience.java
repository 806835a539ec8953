package org.carrel.domain.app;

import java.util.Set;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.UserId;

/// Who may start an app. With no user and no group named: everybody who is signed in.
public record Audience(Set<UserId> users, Set<String> groups) {
    public static final Audience EVERYBODY = new Audience(Set.of(), Set.of());

    public Audience {
        users = Set.copyOf(users);
        groups = Set.copyOf(groups);
    }

    public boolean includes(Principal principal) {
        if (users.isEmpty() && groups.isEmpty()) return true;
        if (users.contains(principal.user())) return true;
        return principal.groups().stream().anyMatch(groups::contains);
    }
}
