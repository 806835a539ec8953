package org.carrel.domain.member;

import static org.carrel.domain.Require.require;

import java.util.regex.Pattern;

/// Where another node's door may be. Anybody may have said so: it is worth asking there, and nothing more.
/// @param host a name or a literal address, without brackets, at most 253 characters
/// @param port of its door, 1 to 65535
public record Candidate(String host, int port) implements Comparable<Candidate> {
    public static final int DOOR_PORT = 7443;

    private static final Pattern NAME = Pattern.compile(
            "(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*");
    /// enough to keep other things out; whether it is an address is seen when it is dialled
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9]{1,15})?");

    public Candidate {
        if (!isHost(host)) throw new IllegalArgumentException("not a host: " + shown(host));
        require(port > 0 && port < 65536, "not a port: " + port);
    }

    private static boolean isHost(String host) {
        return NAME.matcher(host).matches()
                || host.indexOf(':') >= 0 && IPV6.matcher(host).matches();
    }

    /// `n2`, `n2:7443`, `192.168.1.7:7443`, `[fe80::1]:7443`, `fe80::1`; without a port the usual one of
    /// doors.
    /// @throws IllegalArgumentException with a message that says what was wanted
    public static Candidate of(String text) {
        String wanted = "must be a host, or a host and the port of its door such as 192.168.1.7:7443, not \""
                + shown(text) + "\"";
        int colon = text.lastIndexOf(':');
        boolean bare = colon < 0 || text.indexOf(':') != colon && !text.startsWith("[") || text.endsWith("]");
        String host = bare ? text : text.substring(0, colon);
        String port = bare ? "" : text.substring(colon + 1);
        if (host.startsWith("[") && host.endsWith("]")) host = host.substring(1, host.length() - 1);
        if (!bare && !port.matches("\\d{1,5}")) throw new IllegalArgumentException(wanted);
        try {
            return new Candidate(host, bare ? DOOR_PORT : Integer.parseInt(port));
        } catch (IllegalArgumentException unfit) {
            throw new IllegalArgumentException(wanted, unfit);
        }
    }

    @Override
    public int compareTo(Candidate other) {
        int byHost = host.compareTo(other.host);
        return byHost != 0 ? byHost : Integer.compare(port, other.port);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    private static String shown(String text) {
        String cut = text.length() > 60 ? text.substring(0, 60) + "…" : text;
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
