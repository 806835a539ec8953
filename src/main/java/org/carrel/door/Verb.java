package org.carrel.door;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.carrel.trust.Role;

/// What a node may want at another's door, and the roles it takes: the one table of it. Who asks has at least one of
/// `asks` in its certificate, or is refused; who answers has one of `answers`, or isn't believed.
///
/// A gateway speaks for users, so whatever is done in a user's or an administrator's name is asked by gateways only. An
/// agent asks for what it needs to keep sessions and homes. What is told of sign-outs and tokens is believed of every
/// user, so only gateways are heard; of its own sessions any node may tell: one that runs none any more leads its last
/// ones to their end.
enum Verb {
    /// every connection to a session, by its preface
    SESSION("carrel-session/1", Roles.GATEWAYS, Role.ALL),
    ADMIT(Words.ADMIT, Roles.GATEWAYS, Role.ALL),
    LEASES(Words.LEASES, Roles.GATEWAYS, Role.ALL),
    SESSIONS(Words.SESSIONS, Roles.GATEWAYS, Role.ALL),
    PLACE(Words.PLACE, Roles.GATEWAYS, Role.ALL),
    BEGIN(Words.BEGIN, Roles.GATEWAYS, Role.ALL),
    STOP(Words.STOP, Roles.GATEWAYS, Role.ALL),
    EXTEND(Words.EXTEND, Roles.GATEWAYS, Role.ALL),
    LOG(Words.LOG, Roles.GATEWAYS, Role.ALL),
    DRAIN(Words.DRAIN, Roles.GATEWAYS, Role.ALL),
    METADATA(Words.METADATA, Roles.GATEWAYS, Role.ALL),
    SERVICE(Words.SERVICE, Roles.GATEWAYS, Role.ALL),
    PROMISE(Words.PROMISE, Roles.GATEWAYS, Role.ALL),
    REDEEM(Words.REDEEM, Roles.GATEWAYS, Role.ALL),
    PROOFS(Words.PROOFS, Roles.GATEWAYS, Roles.GATEWAYS),
    HOME_FETCH(HomeWords.FETCH, Roles.GATEWAYS, Roles.AGENTS),
    HOME_LATEST(HomeWords.LATEST, Roles.GATEWAYS, Role.ALL),
    /// by the machine that becomes somebody's home, of the one that was it
    HOME_OPEN(HomeWords.OPEN, Roles.AGENTS, Role.ALL),
    HOME_PIECE(HomeWords.PIECE, Roles.AGENTS, Role.ALL),
    HOME_ARRIVED(HomeWords.ARRIVED, Roles.AGENTS, Role.ALL),
    HOME_BOOK(HomeWords.BOOK, Role.ALL, Role.ALL),
    SHUT_OUT(Words.SHUT_OUT, Role.ALL, Role.ALL),
    CLAIM(Words.CLAIM, Role.ALL, Role.ALL),
    RENEW(Words.RENEW, Role.ALL, Role.ALL);

    /// An enum's own constants aren't there yet when its members are made.
    private static final class Roles {
        static final Set<Role> GATEWAYS = Set.of(Role.GATEWAY);
        static final Set<Role> AGENTS = Set.of(Role.AGENT);
    }

    private static final Map<String, Verb> BY_PATH = new HashMap<>();

    static {
        for (Verb verb : values()) BY_PATH.put(verb.path, verb);
    }

    private final String path;
    private final Set<Role> asks;
    private final Set<Role> answers;

    Verb(String path, Set<Role> asks, Set<Role> answers) {
        this.path = path;
        this.asks = asks;
        this.answers = answers;
    }

    /// @return empty when there is no such call
    static Optional<Verb> of(String path) {
        return Optional.ofNullable(BY_PATH.get(path));
    }

    /// of a call; of `SESSION` its protocol
    String path() {
        return path;
    }

    /// one of them is needed
    Set<Role> asks() {
        return asks;
    }

    Set<Role> answers() {
        return answers;
    }

    static String words(Set<Role> roles) {
        return roles.isEmpty()
                ? "none"
                : roles.stream().map(Role::word).sorted().collect(Collectors.joining(", "));
    }
}
