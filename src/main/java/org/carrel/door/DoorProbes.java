package org.carrel.door;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.carrel.api.ClaimInfo;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.member.Claim;
import org.carrel.port.Probes;

/// Asks another node what it is in the cluster, through its door: both have proved that they have the cluster key.
public final class DoorProbes implements Probes {
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final PeerCalls calls;

    public DoorProbes(PeerCalls calls) {
        this.calls = calls;
    }

    @Override
    public Claim ask(Candidate door, Claim mine) throws IOException, InterruptedException {
        InetSocketAddress address = new InetSocketAddress(door.host(), door.port());
        if (address.isUnresolved()) throw new IOException("no address is known of " + door.host());
        try {
            return calls.call(address, Words.CLAIM, ClaimInfo.of(mine), ClaimInfo.class, PATIENCE)
                    .claim();
        } catch (IOException silent) {
            // candidates come from anybody: nothing may pile up
            calls.forget(address);
            throw silent;
        } catch (IllegalArgumentException nonsense) {
            throw new IOException("no claim: " + nonsense.getMessage(), nonsense);
        }
    }
}
