package org.carrel.domain.session;

import org.carrel.domain.app.AppId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.user.UserId;

/// The keys of services' copies: one copy of an app on each node, of an owner who is nobody's user. So keys stay unique
/// in the whole cluster, and two services never share an owner (nor what a launcher gives to one).
public final class ServiceKeys {
    private static final int NAME_MOST = 40;

    private ServiceKeys() {}

    /// @param node names the copy; where its name is too long for that, its beginning and a hash
    public static SessionKey of(AppId app, NodeName node) {
        String name = node.value();
        if (name.length() > NAME_MOST)
            name = name.substring(0, NAME_MOST - 9) + "-" + String.format("%08x", name.hashCode());
        return new SessionKey(UserId.ofService(app.value()), app, name);
    }

    public static boolean isService(SessionKey key) {
        return key.owner().ownsService();
    }
}
