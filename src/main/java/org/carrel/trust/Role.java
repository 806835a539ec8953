package org.carrel.trust;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// What a node may do in the cluster, as its certificate says.
public enum Role {
    /// owns sessions: others may reach them through its door
    AGENT,
    /// carries users' traffic: may ask other nodes' agents, in its users' names
    GATEWAY;

    public static final Set<Role> ALL = Set.of(values());

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Role> of(String word) {
        for (Role role : values()) if (role.word().equals(word)) return Optional.of(role);
        return Optional.empty();
    }
}
