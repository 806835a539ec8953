package org.carrel.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.config.Tree.Fields;
import org.carrel.config.Tree.Text;

/// Lays variables and flags over the file's tree: default < file < environment < flag. A setting `node.capacity.memory`
/// is `CARREL_NODE_CAPACITY_MEMORY` in the environment. A value that begins with `[` or `{` is read as YAML.
final class Overrides {
    static final String PREFIX = "CARREL_";

    /// every key but those of apps, which depend on the file
    static final List<String> PATHS = List.of(
            "listen",
            "hosts",
            "sessions.domain",
            "sign-in.file",
            "node.name",
            "node.capacity.memory",
            "node.capacity.cpu",
            "node.capacity.sessions",
            "node.capacity.starts",
            "cluster.name",
            "cluster.key",
            "cluster.address",
            "cluster.door",
            "cluster.port",
            "cluster.peers",
            "cluster.peers-file",
            "cluster.mdns",
            "cluster.strategy",
            "cluster.web.door",
            "cluster.web.doors",
            "faces.maat.listen",
            "faces.maat.process",
            "faces.maat.processes-per-user",
            "faces.maat.request-life",
            "faces.maat.from",
            "limits.head-bytes",
            "limits.headers",
            "limits.connections",
            "limits.connections-per-address",
            "limits.head-timeout",
            "limits.body-silence",
            "limits.keep-alive",
            "limits.connect-timeout",
            "limits.answer-silence",
            "limits.page-body",
            "limits.websocket-frame",
            "limits.log",
            "limits.disk-reserve",
            "drain",
            "upgrade-drain",
            "log",
            "insecure",
            "tls.certificate",
            "tls.key",
            "trusted-proxies",
            "apps-directory",
            "state-directory",
            "run-directory");

    /// variables of ours that are no settings: of the script, of the command line, of sessions
    private static final Set<String> OTHERS = Set.of(
            "CARREL_JAVA_HOME",
            "CARREL_JAVA_OPTIONS",
            "CARREL_MAVEN_OPTIONS",
            "CARREL_JDK_PLACES",
            "CARREL_MEMINFO",
            "CARREL_CONFIG",
            "CARREL_LOG_LEVEL",
            "CARREL_URL",
            "CARREL_TOKEN",
            "CARREL_TOKEN_FILE",
            "CARREL_SESSION");

    private final Report.Collector findings;

    Overrides(Report.Collector findings) {
        this.findings = findings;
    }

    Fields environment(Fields tree, Map<String, String> environment) {
        Map<String, List<List<String>>> known = variables(tree);
        Fields over = tree;
        for (String name : environment.keySet().stream().sorted().toList()) {
            if (!name.startsWith(PREFIX) || OTHERS.contains(name)) continue;
            List<List<String>> paths = known.getOrDefault(name, List.of());
            if (paths.isEmpty()) findings.warning(Where.of(name), "is no setting" + hint(name, known.keySet()));
            else if (paths.size() > 1)
                findings.error(
                        Where.of(name),
                        "could mean " + String.join(" or ", dotted(paths)) + "; say it in the file, or by --"
                                + dotted(paths).getFirst());
            else over = over.with(paths.getFirst(), value(environment.getOrDefault(name, ""), name));
        }
        return over;
    }

    private static List<String> dotted(List<List<String>> paths) {
        return paths.stream().map(path -> String.join(".", path)).toList();
    }

    /// @param flags dotted path of the setting to its value, named in messages as `--path`
    Fields flags(Fields tree, Map<String, String> flags) {
        Set<String> known = new java.util.LinkedHashSet<>(PATHS);
        variables(tree).values().forEach(paths -> known.addAll(dotted(paths)));
        Fields over = tree;
        for (Map.Entry<String, String> flag : flags.entrySet()) {
            Where where = Where.of("--" + flag.getKey());
            if (!known.contains(flag.getKey()))
                findings.error(where, "is no setting" + Nearest.hint(flag.getKey(), known));
            else over = over.with(List.of(flag.getKey().split("\\.")), value(flag.getValue(), where.source()));
        }
        return over;
    }

    static String variableOf(List<String> path) {
        return PREFIX + String.join("_", path).toUpperCase(Locale.ROOT).replace('-', '_');
    }

    /// What each variable can mean: one thing, but where names of apps differ in `-` and `_` alone.
    private static Map<String, List<List<String>>> variables(Fields tree) {
        Map<String, List<List<String>>> variables = new LinkedHashMap<>();
        if (tree.get("apps").orElse(tree) instanceof Fields apps && apps != tree)
            for (String app : apps.values().keySet())
                for (String key : AppReader.KEYS) {
                    List<String> path = List.of("apps", app, key);
                    variables
                            .computeIfAbsent(variableOf(path), name -> new ArrayList<>())
                            .add(path);
                }
        // after the apps: no app can hide a setting
        for (String path : PATHS) {
            List<String> keys = List.of(path.split("\\."));
            variables.put(variableOf(keys), List.of(keys));
        }
        return variables;
    }

    private static String hint(String name, Set<String> known) {
        String lower = name.toLowerCase(Locale.ROOT);
        Map<String, String> byLower = new LinkedHashMap<>();
        known.forEach(variable -> byLower.put(variable.toLowerCase(Locale.ROOT), variable));
        return Nearest.to(lower, byLower.keySet())
                .map(near -> "; did you mean " + byLower.getOrDefault(near, near) + "?")
                .orElse("");
    }

    private Tree value(String text, String source) {
        String word = text.strip();
        if (word.startsWith("[") || word.startsWith("{")) {
            Optional<Tree> tree = YamlTree.document(word, source, findings);
            if (tree.isPresent()) return tree.get();
        }
        return new Text(Where.of(source), word, true);
    }
}
