package org.carrel.door;

import java.io.IOException;
import java.time.Duration;
import org.carrel.domain.node.NodeName;
import org.carrel.port.Drains;
import org.carrel.port.Views;

/// Other machines, through their doors.
public final class FarDrains implements Drains {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final PeerCalls calls;
    private final Doors doors;

    /// @param members where the other nodes' doors are found
    public FarDrains(PeerCalls calls, Views members) {
        this.calls = calls;
        this.doors = new Doors(members);
    }

    @Override
    public void drain(NodeName node, boolean on) throws IOException, InterruptedException {
        calls.call(doors.of(node).door(), Words.DRAIN, new Words.Drain(on), Words.Nothing.class, PATIENCE);
    }
}
