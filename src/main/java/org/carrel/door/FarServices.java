package org.carrel.door;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.carrel.domain.app.AppId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.session.SessionId;
import org.carrel.port.ServiceNodes;
import org.carrel.port.Views;

/// How a service stands on other machines, asked through their doors.
public final class FarServices implements ServiceNodes {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final PeerCalls calls;
    private final Doors doors;

    /// @param members where the other nodes' doors are found
    public FarServices(PeerCalls calls, Views members) {
        this.calls = calls;
        this.doors = new Doors(members);
    }

    @Override
    public Look look(NodeName node, AppId app, long from) throws IOException, InterruptedException {
        Words.ServiceNow now = calls.call(
                doors.of(node).door(),
                Words.SERVICE,
                new Words.AskService(app.value(), from),
                Words.ServiceNow.class,
                PATIENCE);
        try {
            return new Look(
                    State.valueOf(now.state().toUpperCase(Locale.ROOT)),
                    now.why(),
                    Optional.ofNullable(now.copy()).map(SessionId::new),
                    now.output(),
                    now.next());
        } catch (IllegalArgumentException senseless) {
            throw new IOException("the answer of " + node + " makes no sense", senseless);
        }
    }

    /// On the other side of that door.
    static Words.ServiceNow answer(Own own, Words.AskService asked) {
        Look look = own.look(new AppId(asked.app()), asked.from());
        return new Words.ServiceNow(
                look.state().word(),
                look.why(),
                look.copy().map(SessionId::value).orElse(null),
                look.output(),
                look.next());
    }
}
