package org.carrel.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.carrel.api.Json;
import org.carrel.api.NodeInfo;

/// The nodes as hosts of Ansible: group `carrel` has all, `carrel_up` and so on those of one state.
/// Sources: Ansible, "Developing dynamic inventory" and "Organizing host and group variables".
///
/// Ansible runs what stands between braces in a variable as a template, on the machine of whoever deploys. So of what
/// other nodes said of themselves only plain characters get in.
final class Inventory {
    static final String ALL = "carrel";

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern NOT_PLAIN = Pattern.compile("[^A-Za-z0-9._:%@,+ \\[\\]-]");
    private static final int LONGEST = 256;

    private final Map<String, Map<String, Object>> hosts = new TreeMap<>();
    private final Map<String, List<String>> groups = new TreeMap<>();

    /// @param here whether whoever reads it is on the very machine that answered
    /// @throws IllegalArgumentException when a name is none of a node
    Inventory(List<NodeInfo> nodes, boolean here) {
        groups.put(ALL, new ArrayList<>());
        nodes.stream()
                .map(node -> named(node, here))
                .sorted(Map.Entry.comparingByKey())
                .forEach(host -> {
                    if (hosts.put(host.getKey(), host.getValue()) != null)
                        throw new IllegalArgumentException("two nodes are called " + host.getKey());
                    String state = String.valueOf(host.getValue().get("carrel_state"));
                    groups.get(ALL).add(host.getKey());
                    groups.computeIfAbsent(group(state), _ -> new ArrayList<>()).add(host.getKey());
                });
    }

    /// what a dynamic inventory answers to `--list`
    Map<String, Object> list() {
        Map<String, Object> list = new LinkedHashMap<>();
        groups.forEach((group, members) -> list.put(group, Map.of("hosts", members)));
        list.put("_meta", Map.of("hostvars", hosts));
        return list;
    }

    /// what a dynamic inventory answers to `--host NAME`; empty when there is no such node
    Optional<Map<String, Object>> host(String name) {
        return Optional.ofNullable(hosts.get(name));
    }

    /// A static inventory. Names are quoted, since some of them, such as `007` or `no`, would be something else in
    /// YAML;
    /// values stand as JSON, which YAML contains.
    String yaml() {
        StringBuilder yaml = new StringBuilder("all:\n  children:\n");
        groups.forEach((group, members) -> {
            yaml.append("    ").append(group).append(":\n      hosts:");
            yaml.append(members.isEmpty() ? " {}\n" : "\n");
            for (String member : members) {
                yaml.append("        \"").append(member).append("\":\n");
                if (!group.equals(ALL)) continue;
                hosts.getOrDefault(member, Map.of())
                        .forEach((key, value) -> yaml.append("          ")
                                .append(key)
                                .append(": ")
                                .append(Json.text(value))
                                .append('\n'));
            }
        });
        return yaml.toString();
    }

    private static Map.Entry<String, Map<String, Object>> named(NodeInfo node, boolean here) {
        if (!NAME.matcher(node.name()).matches())
            throw new IllegalArgumentException("\"" + Show.clean(node.name()) + "\" is no name of a node");
        return Map.entry(node.name(), variables(node, here));
    }

    /// A node that has said nothing of itself yet has its address and state only.
    private static Map<String, Object> variables(NodeInfo node, boolean here) {
        Map<String, Object> variables = new LinkedHashMap<>();
        String address = node.address();
        if (address != null) variables.put("ansible_host", plain(hostOf(address)));
        else if (here) variables.put("ansible_connection", "local");
        variables.put("carrel_state", plain(node.state()));
        if (address != null) variables.put("carrel_member_address", plain(address));
        if (node.version().isEmpty()) return variables;
        variables.put("carrel_version", plain(node.version()));
        variables.put("carrel_since", node.since().toString());
        variables.put("carrel_sessions", node.sessions());
        variables.put("carrel_max_sessions", node.maxSessions());
        variables.put("carrel_capacity_memory_bytes", node.capacityMemoryBytes());
        variables.put("carrel_capacity_cpu_millis", node.capacityCpuMillis());
        variables.put("carrel_memory_total_bytes", node.memoryTotalBytes());
        variables.put("carrel_isolation", plain(node.isolation()));
        return variables;
    }

    /// of `host:port`, where an IPv6 host may stand in brackets
    private static String hostOf(String address) {
        int colon = address.lastIndexOf(':');
        String host = colon < 0 ? address : address.substring(0, colon);
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    /// States may become more; names of groups are made of letters, digits and `_`.
    private static String group(String state) {
        return ALL + "_" + state.replaceAll("[^A-Za-z0-9_]", "_");
    }

    private static String plain(String text) {
        String clean = NOT_PLAIN.matcher(text).replaceAll("_");
        return clean.substring(0, Math.min(LONGEST, clean.length()));
    }
}
