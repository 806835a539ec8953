package org.carrel.main;

import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.carrel.domain.app.App;
import org.carrel.domain.app.Service;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.kind.CookieKeys;
import org.carrel.kind.JupyterDriver;
import org.carrel.kind.KindDriver;
import org.carrel.kind.RStudioDriver;
import org.carrel.kind.RserveDriver;
import org.carrel.kind.ShinyDriver;
import org.carrel.kind.WebDriver;

/// The plug-ins of this program, named one by one: what isn't in this list isn't in the program.
final class Catalog {
    private final Map<KindId, KindDriver> kinds = new LinkedHashMap<>();

    private final CookieKeys keys = new CookieKeys();

    /// @param apart every user's sessions have a uid of their own, as when this program was started by root
    Catalog(boolean apart) {
        for (KindDriver kind : List.of(
                new ShinyDriver(),
                new JupyterDriver(),
                new RStudioDriver(keys, apart),
                new RserveDriver(),
                new WebDriver(apart))) kinds.put(kind.id(), kind);
    }

    /// To be asked while root, if at all: afterwards nobody knows.
    static Catalog ofThisMachine() throws IOException {
        return new Catalog(Privileges.isRoot());
    }

    /// While this program is root: what kinds need of root's own files.
    void readAsRoot(Collection<App> apps) {
        for (App app : apps) app.attachment().ifPresent(attachment -> keys.look(attachment.key()));
    }

    List<KindDriver> kinds() {
        return List.copyOf(kinds.values());
    }

    Set<String> kindNames() {
        return kinds.keySet().stream().map(KindId::value).collect(Collectors.toSet());
    }

    /// Why an app can't run on this machine, with the next step; empty when it can.
    Optional<String> obstacle(App app) {
        KindDriver kind = kinds.get(app.kind());
        if (kind == null) return Optional.of("this program knows no app kind " + app.kind());
        if (app.service().flatMap(Service::front).isPresent() && !hasFront(app))
            return Optional.of(
                    "port is for kinds that don't speak HTTP (rserve); " + app.kind() + " is served by name");
        return kind.obstacle(app);
    }

    /// Whether its kind is reached through a port of its own.
    boolean hasFront(App app) {
        KindDriver kind = kinds.get(app.kind());
        return kind != null && kind.greeting().isPresent();
    }

    /// Whether its users keep files with it.
    boolean keepsFiles(App app) {
        KindDriver kind = kinds.get(app.kind());
        return app.where().files().orElse(kind != null && kind.keepsFiles());
    }

    /// How sessions of a kind are addressed. An adopted session's kind may be gone from the program: it is carried
    /// plainly.
    ProxyRules rules(KindId id) {
        KindDriver kind = kinds.get(id);
        return kind == null ? ProxyRules.PLAIN : kind.rules();
    }
}
