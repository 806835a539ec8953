package org.carrel.domain.session;

import org.carrel.domain.app.AppId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.user.UserId;

/// The keys of services' copies: numbered copies of an app on each node, of an owner who is nobody's user. So keys stay
/// unique
/// in the whole cluster, and two services never share an owner (nor what a launcher gives to one).
public final class ServiceKeys {
    private static final int NAME_MOST = 40;

    private ServiceKeys() {}

    /// the only one of that node, or the first
    public static SessionKey of(AppId app, NodeName node) {
        return of(app, node, 1);
    }

    /// @param node   names the copy; where its name is too long for that, its beginning and a hash
    /// @param number of the copy on that node, from 1
    public static SessionKey of(AppId app, NodeName node, int number) {
        String suffix = number == 1 ? "" : "." + number;
        String name = node.value();
        int most = NAME_MOST - suffix.length();
        if (name.length() > most) name = name.substring(0, most - 9) + "-" + String.format("%08x", name.hashCode());
        return new SessionKey(UserId.ofService(app.value()), app, name + suffix);
    }

    public static boolean isService(SessionKey key) {
        return key.owner().ownsService();
    }
}
