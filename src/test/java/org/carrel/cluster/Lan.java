package org.carrel.cluster;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// A network of its own inside this machine: a namespace for each machine, and one with two bridges that
/// are joined by a cable which can be cut. Nothing outside is touched. Root only.
final class Lan implements Members.Place, AutoCloseable {
    private final String prefix = "cm" + ProcessHandle.current().pid() + "-";
    private final String hub = prefix + "hub";
    private final List<String> made = new ArrayList<>();

    /// @param left  machines 1 to `left` are on one side of the cable
    /// @param right that many more are on the other
    Lan(int left, int right) throws IOException, InterruptedException {
        try {
            namespace(hub);
            for (String bridge : List.of("left", "right")) {
                ip("-n", hub, "link", "add", bridge, "type", "bridge");
                ip("-n", hub, "link", "set", bridge, "up");
            }
            ip("-n", hub, "link", "add", "cable", "type", "veth", "peer", "name", "elbac");
            ip("-n", hub, "link", "set", "cable", "master", "left", "up");
            ip("-n", hub, "link", "set", "elbac", "master", "right", "up");
            for (int number = 1; number <= left + right; number++) machine(number, number <= left ? "left" : "right");
        } catch (IOException | InterruptedException failed) {
            close();
            throw failed;
        }
    }

    private void machine(int number, String bridge) throws IOException, InterruptedException {
        String machine = machine(number);
        namespace(machine);
        ip("link", "add", "eth0", "netns", machine, "type", "veth", "peer", "name", "to" + number, "netns", hub);
        ip("-n", hub, "link", "set", "to" + number, "master", bridge, "up");
        ip("-n", machine, "link", "set", "lo", "up");
        ip("-n", machine, "address", "add", address(number) + "/24", "dev", "eth0");
        ip("-n", machine, "link", "set", "eth0", "up");
        ip("-n", machine, "route", "add", "224.0.0.0/4", "dev", "eth0");
    }

    private void namespace(String name) throws IOException, InterruptedException {
        ip("netns", "add", name);
        made.add(name);
    }

    private String machine(int number) {
        return prefix + number;
    }

    @Override
    public List<String> within(int number) {
        return List.of("ip", "netns", "exec", machine(number));
    }

    @Override
    public String address(int number) {
        return "10.66.0." + number;
    }

    void cut() throws IOException, InterruptedException {
        ip("-n", hub, "link", "set", "cable", "down");
    }

    void heal() throws IOException, InterruptedException {
        ip("-n", hub, "link", "set", "cable", "up");
    }

    private static void ip(String... words) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("ip"));
        all.addAll(List.of(words));
        Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (process.waitFor() != 0) throw new IOException(String.join(" ", all) + ": " + said.strip());
    }

    @Override
    public void close() {
        for (String name : made)
            try {
                ip("netns", "delete", name);
            } catch (IOException left) {
                System.err.println("namespace " + name + " is left behind: " + left.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        made.clear();
    }
}
