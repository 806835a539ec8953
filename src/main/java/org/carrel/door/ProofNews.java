package org.carrel.door;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.user.UserId;
import org.carrel.port.Peers;
import org.carrel.port.SharedProofs;
import org.carrel.port.SharedProofs.Fact;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Learns from every other node's door who signed out and which tokens there are: each answers as soon as there is
/// news. A node that was cut off is asked on from where it was, or from the start when it began anew.
public final class ProofNews implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ProofNews.class);
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
    /// it may get another role
    private static final Duration NO_GATEWAY = Duration.ofSeconds(10);

    private static final Duration PATIENCE = Words.NEWS_PATIENCE.plusSeconds(5);

    private final NodeId me;
    private final PeerCalls calls;
    private final SharedProofs proofs;
    private final EachDoor followed;

    public ProofNews(NodeId me, ScheduledExecutorService lookout, Peers peers, PeerCalls calls, SharedProofs proofs) {
        this.me = me;
        this.calls = calls;
        this.proofs = proofs;
        this.followed = new EachDoor("proof-new", lookout, peers, this::follow, door -> {});
    }

    private void follow(SocketAddress door) throws InterruptedException {
        String run = "";
        long position = 0;
        boolean failing = false;
        while (true) {
            try {
                Words.Proofs told = calls.call(
                        door,
                        Words.PROOFS,
                        new Words.AskProofs(run, position, Words.NEWS_PATIENCE.toMillis()),
                        Words.Proofs.class,
                        PATIENCE);
                if (new NodeId(told.nodeId()).equals(me)) return; // our own door
                proofs.learn(facts(told));
                run = told.run();
                position = told.position();
                failing = false;
                if (told.facts() < SharedProofs.MOST) Thread.sleep(PAUSE);
            } catch (OtherRole agentOnly) {
                // it knows of no sign-outs, and mustn't tell of tokens
                Thread.sleep(NO_GATEWAY);
            } catch (IOException | IllegalArgumentException unheard) {
                if (!failing) log.warn("sign-outs not heard of door={} cause=\"{}\"", door, unheard.getMessage());
                failing = true;
                Thread.sleep(AFTER_FAILURE);
            }
        }
    }

    private static List<Fact> facts(Words.Proofs told) {
        List<Fact> facts = new ArrayList<>();
        if (told.signedOut().size() + told.tokens().size() > SharedProofs.MOST)
            throw new IllegalArgumentException("it tells too much at once");
        if (told.allBefore() != null) facts.add(new Fact.AllBefore(told.allBefore()));
        for (Words.SignedOut it : told.signedOut())
            facts.add(new Fact.SignedOut(it.login(), Duration.ofMillis(it.agoMillis())));
        for (Words.TokenWords it : told.tokens())
            facts.add(new Fact.Token(
                    it.digest(),
                    new UserId(it.user()),
                    Set.copyOf(it.scopes()),
                    it.created(),
                    it.expires(),
                    it.revoked()));
        return facts;
    }

    @Override
    public void close() {
        followed.close();
    }
}
