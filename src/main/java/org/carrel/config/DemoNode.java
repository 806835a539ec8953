package org.carrel.config;

import static org.carrel.domain.Require.require;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.place.Strategy;

/// One of the demo's nodes. Each has an address of loopback as its own, so that they meet as machines do.
/// @param number from 1; the first is the one people start and talk to
/// @param of     how many there are, at most 5; alone it is no cluster
public record DemoNode(int number, int of) {
    public static final int MOST = 5;
    private static final int USUAL_PORT = 8080;
    public static final DemoNode ALONE = new DemoNode(1, 1);

    public DemoNode {
        require(of >= 1 && of <= MOST, "a demo has 1 to " + MOST + " nodes, not " + of);
        require(number >= 1 && number <= of, "there is no node " + number + " of " + of);
    }

    public String name() {
        return "n" + number;
    }

    public boolean isFirst() {
        return number == 1;
    }

    public InetAddress address() {
        return addressOf(number);
    }

    /// the others, the first one left out
    public List<DemoNode> others() {
        return IntStream.rangeClosed(2, of)
                .mapToObj(each -> new DemoNode(each, of))
                .toList();
    }

    /// @param first port of the first node's pages
    public int port(int first) {
        return first + number - 1;
    }

    /// @param port of the first node's pages: two demos on one machine keep apart by it
    ClusterSettings cluster(Path key, int port) {
        int apart = apart(port);
        List<Candidate> peers = IntStream.rangeClosed(1, of)
                .filter(each -> each != number)
                .mapToObj(each -> new Candidate(addressOf(each).getHostAddress(), Candidate.DOOR_PORT + apart))
                .toList();
        return new ClusterSettings(
                "demo",
                key,
                Optional.of(address()),
                Candidate.DOOR_PORT + apart,
                ClusterSettings.PORT + apart,
                peers,
                Optional.empty(),
                ClusterSettings.Mdns.OFF,
                Strategy.SPREAD);
    }

    private static int apart(int port) {
        int apart = 2 * (port - USUAL_PORT);
        return apart > 0 && ClusterSettings.PORT + apart < 65536 ? apart : 0;
    }

    private static InetAddress addressOf(int number) {
        return InetAddress.ofLiteral("127.0.0." + number);
    }
}
