package org.carrel.trust;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.node.NodeId;

/// Who is at the other end of a connection between nodes, as its certificate proves.
/// @param roles      what it may do
/// @param invitedFor what roles its next certificate may have, where it can't sign itself
public record Peer(NodeId node, Set<Role> roles, Set<Role> invitedFor) {
    private static final int NAMES_MOST = 16;
    private static final int URI = 6;

    public Peer {
        roles = Set.copyOf(roles);
        invitedFor = Set.copyOf(invitedFor);
    }

    /// with the roles it is invited for, or can give itself
    public Peer(NodeId node, Set<Role> roles) {
        this(node, roles, roles);
    }

    public boolean hasAny(Set<Role> some) {
        return roles.stream().anyMatch(some::contains);
    }

    /// Only what is written in it; whether it is to be believed is another question.
    /// @return empty when it isn't the certificate of a node
    static Optional<Peer> of(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            if (names == null || names.size() > NAMES_MOST) return Optional.empty();
            Optional<NodeId> node = Optional.empty();
            Set<Role> roles = EnumSet.noneOf(Role.class);
            Set<Role> invitedFor = EnumSet.noneOf(Role.class);
            for (List<?> name : names) {
                if (!Integer.valueOf(URI).equals(name.get(0)) || !(name.get(1) instanceof String uri)) continue;
                if (uri.startsWith(Certificates.NODE_NAME)) {
                    if (node.isPresent()) return Optional.empty();
                    node = Optional.of(new NodeId(uri.substring(Certificates.NODE_NAME.length())));
                } else {
                    // a role of a newer program is none here
                    role(uri, Certificates.ROLE_NAME).ifPresent(roles::add);
                    role(uri, Certificates.INVITED_NAME).ifPresent(invitedFor::add);
                }
            }
            return node.map(id -> new Peer(id, roles, invitedFor.isEmpty() ? roles : invitedFor));
        } catch (CertificateParsingException | IllegalArgumentException other) {
            return Optional.empty();
        }
    }

    private static Optional<Role> role(String uri, String name) {
        return uri.startsWith(name) ? Role.of(uri.substring(name.length())) : Optional.empty();
    }
}
