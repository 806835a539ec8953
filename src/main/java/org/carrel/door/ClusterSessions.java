package org.carrel.door;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.UserId;
import org.carrel.http.Feed;
import org.carrel.http.RequestId;
import org.carrel.port.Begun;
import org.carrel.port.Progress;
import org.carrel.port.ProgressFeed;
import org.carrel.port.Sessions;

/// The sessions of all nodes: what concerns one goes to the node that has it.
public final class ClusterSessions implements Sessions {
    private final Sessions here;
    private final Neighbours neighbours;
    private final PeerCalls calls;

    public ClusterSessions(Sessions here, Neighbours neighbours, PeerCalls calls) {
        this.here = here;
        this.neighbours = neighbours;
        this.calls = calls;
    }

    /// Here and nowhere else. What users ask for goes through `Starts`.
    @Override
    public Begun begin(SessionKey key, RequestId once) throws InterruptedException {
        return here.begin(key, once);
    }

    @Override
    public Feed<Progress> watch(SessionId id) {
        return new ProgressFeed(neighbours.follow(), id);
    }

    @Override
    public Optional<Session> stop(SessionId id, End because) throws InterruptedException {
        return of(id).stop(id, because);
    }

    @Override
    public Optional<Session> extend(SessionId id, UserId by) throws InterruptedException {
        return of(id).extend(id, by);
    }

    @Override
    public List<String> log(SessionId id, int lines) throws InterruptedException {
        return of(id).log(id, lines);
    }

    @Override
    public Optional<Duration> usualStart(SessionKey key) {
        return here.usualStart(key);
    }

    @Override
    public void drain(boolean on) throws InterruptedException {
        here.drain(on);
    }

    private Sessions of(SessionId id) {
        return neighbours.holding(id).<Sessions>map(this::at).orElse(here);
    }

    private FarSessions at(SocketAddress door) {
        return new FarSessions(calls, door, neighbours);
    }
}
