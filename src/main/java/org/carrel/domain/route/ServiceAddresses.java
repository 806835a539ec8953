package org.carrel.domain.route;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;

/// The host names that services have for themselves, and which services are trusted with the portal's. Pure.
/// @param owners  whose each host name is; lower case, without port
/// @param hosts   the names of each service that has some, one at least; the first is where others lead to
/// @param trusted on the portal's host their pages may act as the portal's own
public record ServiceAddresses(Map<String, AppId> owners, Map<AppId, List<String>> hosts, Set<AppId> trusted) {
    public static final ServiceAddresses NONE = new ServiceAddresses(Map.of(), Map.of(), Set.of());

    public ServiceAddresses {
        owners = Map.copyOf(owners);
        hosts = Map.copyOf(hosts);
        trusted = Set.copyOf(trusted);
    }

    /// @param apps where two claim a host, the first has it
    public static ServiceAddresses of(Collection<App> apps) {
        Map<String, AppId> owners = new HashMap<>();
        Map<AppId, List<String>> hosts = new HashMap<>();
        Set<AppId> trusted = new HashSet<>();
        for (App app : apps) {
            if (app.service().isEmpty()) continue;
            if (app.service().get().trusted()) trusted.add(app.id());
            for (String host : app.service().get().hosts())
                if (owners.putIfAbsent(host, app.id()) == null)
                    hosts.computeIfAbsent(app.id(), id -> new ArrayList<>()).add(host);
        }
        return new ServiceAddresses(owners, hosts, trusted);
    }

    /// @param host lower case, without port
    public Optional<AppId> at(String host) {
        return Optional.ofNullable(owners.get(host));
    }

    /// where a service is, if it has a host of its own
    public Optional<String> hostOf(AppId app) {
        return Optional.ofNullable(hosts.get(app)).map(List::getFirst);
    }
}
