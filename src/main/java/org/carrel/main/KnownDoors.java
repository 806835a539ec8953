package org.carrel.main;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.carrel.domain.member.Candidate;
import org.carrel.port.OtherNode;
import org.carrel.port.Peers;
import org.carrel.port.Views;

/// The other nodes' doors: what the settings name, and what the members say of themselves. Asked every second by many,
/// so names are looked up anew only when others are known, or after a while: one that can't be resolved now may be
/// later, and may then be another machine.
final class KnownDoors implements Peers {
    private static final int MOST = 1000;
    private static final long AGAIN_NANOS = Duration.ofSeconds(10).toNanos();

    private final List<SocketAddress> web;
    private final List<Candidate> named;
    private final Views views;
    private Resolved last = new Resolved(Set.of(), System.nanoTime() - AGAIN_NANOS, List.of());

    private record Resolved(Set<Candidate> of, long at, List<SocketAddress> doors) {}

    /// @param web   behind somebody's HTTP proxy
    /// @param named by the settings, and by who let this node in
    /// @param views with the members
    KnownDoors(List<? extends SocketAddress> web, List<Candidate> named, Views views) {
        this.web = List.copyOf(web);
        this.named = List.copyOf(named);
        this.views = views;
    }

    @Override
    public synchronized List<SocketAddress> doors() {
        Set<Candidate> candidates = new LinkedHashSet<>(named);
        for (OtherNode other : views.current().others().values())
            other.hint().ifPresent(hint -> candidates.add(hint.door()));
        boolean isStale = System.nanoTime() - last.at() >= AGAIN_NANOS;
        if (isStale || !candidates.equals(last.of()))
            last = new Resolved(candidates, System.nanoTime(), resolved(candidates));
        return last.doors();
    }

    private List<SocketAddress> resolved(Set<Candidate> candidates) {
        Stream<SocketAddress> direct = candidates.stream()
                .map(candidate -> new InetSocketAddress(candidate.host(), candidate.port()))
                .filter(address -> !address.isUnresolved())
                .map(address -> address);
        return Stream.concat(web.stream(), direct).distinct().limit(MOST).toList();
    }
}
