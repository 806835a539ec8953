package org.carrel.domain.node;

import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.app.AppId;

/// What a node's metadata says of services:
/// ```
/// service.<app> = on          it is to run a copy
/// service.<app> = off         it is to run none, though the settings say how many each node has
/// install.<app> = <digest>    of the command that was run there to install it
/// ```
public final class ServiceNotes {
    private static final String SERVICE = "service.";
    private static final String INSTALL = "install.";
    private static final String ON = "on";
    private static final String OFF = "off";

    private ServiceNotes() {}

    /// Apps it is to run a copy of. What is no app's name counts for nothing.
    public static Set<AppId> wanted(Metadata metadata) {
        Set<AppId> wanted = new HashSet<>();
        metadata.entries().forEach((key, value) -> {
            if (key.startsWith(SERVICE) && value.equals(ON))
                app(key.substring(SERVICE.length())).ifPresent(wanted::add);
        });
        return wanted;
    }

    /// Whether it is to run none of what every node runs.
    public static boolean isOff(Metadata metadata, AppId app) {
        return OFF.equals(metadata.entries().get(SERVICE + app));
    }

    public static Metadata.Change want(AppId app) {
        return Metadata.Change.set(SERVICE + app, ON);
    }

    public static Metadata.Change wantNoMore(AppId app) {
        return Metadata.Change.remove(SERVICE + app);
    }

    public static Metadata.Change want(Set<AppId> apps) {
        Map<String, String> set = new java.util.HashMap<>();
        apps.forEach(app -> set.put(SERVICE + app, ON));
        return new Metadata.Change(set, Set.of());
    }

    public static Optional<String> installed(Metadata metadata, AppId app) {
        return Optional.ofNullable(metadata.entries().get(INSTALL + app));
    }

    public static Metadata.Change installed(AppId app, String digest) {
        return Metadata.Change.set(INSTALL + app, digest);
    }

    private static Optional<AppId> app(String name) {
        try {
            return Optional.of(new AppId(name));
        } catch (IllegalArgumentException noApp) {
            return Optional.empty();
        }
    }
}
