package org.carrel.cluster;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// Which of the machine's addresses other nodes reach it under, when nobody says so: that of the
/// interface the default route leaves by, else the first that isn't loopback, else loopback. IPv4 only.
final class OwnAddress {
    private static final Path ROUTES = Path.of("/proc/net/route");

    private OwnAddress() {}

    static InetAddress choose() throws IOException {
        Optional<String> way = defaultInterface();
        Optional<InetAddress> found = Optional.empty();
        for (NetworkInterface network : interfaces()) {
            Optional<InetAddress> address = address(network);
            if (address.isEmpty() || !network.isUp() || network.isLoopback()) continue;
            if (way.filter(network.getName()::equals).isPresent()) return address.get();
            if (found.isEmpty()) found = address;
        }
        return found.orElseGet(() -> InetAddress.ofLiteral("127.0.0.1"));
    }

    static boolean isOurs(InetAddress address) throws IOException {
        return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
    }

    private static List<NetworkInterface> interfaces() throws SocketException {
        return Collections.list(NetworkInterface.getNetworkInterfaces());
    }

    private static Optional<InetAddress> address(NetworkInterface network) {
        return network.inetAddresses()
                .filter(it -> it instanceof Inet4Address && !it.isLinkLocalAddress())
                .findFirst();
    }

    /// `Iface Destination Gateway …` with the destination in hexadecimal; the default route's is zero.
    private static Optional<String> defaultInterface() throws IOException {
        if (!Files.isReadable(ROUTES)) return Optional.empty();
        for (String line :
                Files.readString(ROUTES, StandardCharsets.US_ASCII).lines().toList()) {
            String[] words = line.split("\\s+");
            if (words.length > 2 && words[1].equals("00000000")) return Optional.of(words[0]);
        }
        return Optional.empty();
    }
}
