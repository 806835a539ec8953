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
public record Peer(NodeId node, Set<Role> roles) {
    private static final int NAMES_MOST = 16;
    private static final int URI = 6;

    public Peer {
        roles = Set.copyOf(roles);
    }

    /// Only what is written in it; whether it is to be believed is another question.
    /// @return empty when it isn't the certificate of a node
    static Optional<Peer> of(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            if (names == null || names.size() > NAMES_MOST) return Optional.empty();
            Optional<NodeId> node = Optional.empty();
            Set<Role> roles = EnumSet.noneOf(Role.class);
            for (List<?> name : names) {
                if (!Integer.valueOf(URI).equals(name.get(0)) || !(name.get(1) instanceof String uri)) continue;
                if (uri.startsWith(Certificates.NODE_NAME)) {
                    if (node.isPresent()) return Optional.empty();
                    node = Optional.of(new NodeId(uri.substring(Certificates.NODE_NAME.length())));
                } else if (uri.startsWith(Certificates.ROLE_NAME))
                    // a role of a newer program is none here
                    Role.of(uri.substring(Certificates.ROLE_NAME.length())).ifPresent(roles::add);
            }
            return node.map(id -> new Peer(id, roles));
        } catch (CertificateParsingException | IllegalArgumentException other) {
            return Optional.empty();
        }
    }
}
