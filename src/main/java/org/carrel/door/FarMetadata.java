package org.carrel.door;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.carrel.domain.node.Metadata;
import org.carrel.domain.node.NodeName;
import org.carrel.port.NodeMetadata;
import org.carrel.port.Views;

/// What other machines remember, through their doors.
public final class FarMetadata implements NodeMetadata {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final PeerCalls calls;
    private final Doors doors;

    /// @param members where the other nodes' doors are found
    public FarMetadata(PeerCalls calls, Views members) {
        this.calls = calls;
        this.doors = new Doors(members);
    }

    @Override
    public Metadata change(NodeName node, Metadata.Change change) throws IOException, InterruptedException {
        Words.MetadataNow now = calls.call(
                doors.of(node).door(),
                Words.METADATA,
                new Words.ChangeMetadata(change.set(), List.copyOf(change.remove())),
                Words.MetadataNow.class,
                PATIENCE);
        String refused = now.refused();
        if (refused != null) throw new IllegalArgumentException(refused);
        return new Metadata(now.metadata());
    }

    /// On the other side of that door.
    static Words.MetadataNow answer(Own own, Words.ChangeMetadata asked) throws IOException {
        Metadata.Change change = new Metadata.Change(asked.set(), Set.copyOf(asked.remove()));
        try {
            return new Words.MetadataNow(own.change(change).entries(), null);
        } catch (IllegalArgumentException tooMany) {
            return new Words.MetadataNow(own.change(Metadata.Change.NOTHING).entries(), tooMany.getMessage());
        }
    }
}
