package org.carrel.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// Where things lie unless the settings say otherwise. As root `/etc/carrel`, `/var/lib/carrel` and `/run/carrel`;
/// else below the user's own directories. Source: XDG Base Directory Specification 0.8.
/// @param settings directory of `carrel.yaml` and `users`
/// @param state    what must outlive a restart
/// @param run      sockets
public record Places(Path settings, Path state, Path run) {
    public static Places here() {
        return of(System.getenv(), System.getProperty("user.home", "/"), isRoot());
    }

    static Places of(Map<String, String> environment, String home, boolean root) {
        if (root) return new Places(Path.of("/etc/carrel"), Path.of("/var/lib/carrel"), Path.of("/run/carrel"));
        Path state = xdg(environment, "XDG_STATE_HOME", home, ".local/state");
        // without a directory of the login session sockets lie with the state
        Path run = environment.getOrDefault("XDG_RUNTIME_DIR", "").startsWith("/")
                ? Path.of(environment.getOrDefault("XDG_RUNTIME_DIR", "")).resolve("carrel")
                : state.resolve("run");
        return new Places(xdg(environment, "XDG_CONFIG_HOME", home, ".config"), state, run);
    }

    /// The demo's own places, apart from everything real. Root's lie below `/var/lib` too: sessions have users of their
    /// own, and none of them may enter `/root`.
    /// @param node `n1` and so on
    public Places demo(String node) {
        Path own = state.resolve("demo").resolve(node);
        return new Places(own, own, run.resolve("demo").resolve(node));
    }

    public Path settingsFile() {
        return settings.resolve("carrel.yaml");
    }

    private static Path xdg(Map<String, String> environment, String variable, String home, String otherwise) {
        String given = environment.getOrDefault(variable, "");
        Path base = given.startsWith("/") ? Path.of(given) : Path.of(home).resolve(otherwise);
        return base.resolve("carrel");
    }

    public static boolean isRoot() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid") instanceof Integer uid && uid == 0;
        } catch (IOException | UnsupportedOperationException unknown) {
            return false;
        }
    }
}
