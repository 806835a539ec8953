package org.carrel.door;

import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.carrel.api.Json;
import org.carrel.domain.node.NodeId;
import org.carrel.port.Audit;
import org.carrel.port.Audit.Entry;
import org.carrel.port.Audit.What;
import org.carrel.trust.Invitations;
import org.carrel.trust.Issuer;
import org.carrel.trust.Issuer.Admitted;
import org.carrel.trust.JoinToken;
import org.carrel.trust.Role;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where newcomers show their tokens, and where tokens are made. Hears nobody until one was made, and nobody from a day
/// after the last one ended. Who is refused is told why, counted by the door, and written to the audit log, where one
/// entry a second says how many it stands for; at most `AT_ONCE` are there at a time.
public final class JoinDesk {
    private static final Logger log = LoggerFactory.getLogger(JoinDesk.class);
    private static final int AT_ONCE = 16;
    private static final Duration ENTRY_EVERY = Duration.ofSeconds(1);

    /// @param words JSON
    record Answer(boolean welcome, byte[] words) {}

    private final Issuer issuer;
    private final Predicate<NodeId> isAlive;
    private final Supplier<List<String>> doors;
    private final Audit audit;
    private final Semaphore places = new Semaphore(AT_ONCE);
    private long lastEntry = System.nanoTime() - ENTRY_EVERY.toNanos();
    private int unwritten;

    /// @param isAlive whether a node of that id is a member at the moment
    /// @param doors   under which this node is reached, `host:port`
    public JoinDesk(Issuer issuer, Predicate<NodeId> isAlive, Supplier<List<String>> doors, Audit audit) {
        this.issuer = issuer;
        this.isAlive = isAlive;
        this.doors = doors;
        this.audit = audit;
    }

    /// A token for one machine.
    /// @param life  as `Invitations` bounds it
    /// @param roles that it may have
    /// @return empty when too many are alive
    public Optional<JoinToken> invite(Duration life, Set<Role> roles) {
        return issuer.invitations().make(life, roles, doors.get());
    }

    boolean isOpen() {
        return issuer.invitations().isAnyKnown();
    }

    SslHandler tls() {
        return Tls.toNewcomer(issuer);
    }

    /// So that those who have no certificate take no place from those who have.
    /// @return false when it must be hung up on; else `leave` when it is closed
    boolean enter() {
        return places.tryAcquire();
    }

    void leave() {
        places.release();
    }

    Answer answer(InetAddress from, byte[] said) throws IOException {
        Words.Join asked;
        NodeId node;
        byte[] request;
        try {
            asked = Json.readAnswer(said, Words.Join.class);
            node = new NodeId(asked.node());
            request = Base64.getDecoder().decode(asked.request());
        } catch (IOException | IllegalArgumentException senseless) {
            return refused(from, "", "", "not the words of a newcomer");
        }
        try {
            return switch (issuer.admit(asked.id(), asked.secret(), node, isAlive, request)) {
                case Admitted.Welcome welcome -> welcome(from, asked.id(), node, welcome);
                case Admitted.Refused(var why) -> refused(from, asked.id(), node.value(), sentence(why));
            };
        } catch (IllegalArgumentException senseless) {
            return refused(from, asked.id(), node.value(), String.valueOf(senseless.getMessage()));
        }
    }

    private Answer welcome(InetAddress from, String token, NodeId node, Admitted.Welcome welcome) {
        log.info("a machine joins node_id={} from={} token={}", node, from.getHostAddress(), token);
        audit.note(entry(Entry.OK, from, token, node.value()));
        Base64.Encoder text = Base64.getEncoder();
        return new Answer(
                true,
                Json.bytes(new Words.Joined(
                        null,
                        text.encodeToString(welcome.certificate()),
                        text.encodeToString(welcome.cluster()),
                        text.encodeToString(welcome.secret()),
                        doors.get())));
    }

    private Answer refused(InetAddress from, String token, String node, String why) {
        String id = token.matches("[0-9a-f]{8}") ? token : "";
        int before = entryDue();
        if (before >= 0) {
            log.warn(
                    "a newcomer was refused from={} token={} why=\"{}\" unwritten={}",
                    from.getHostAddress(),
                    id,
                    why,
                    before);
            audit.note(entry(why, from, id, node).with("unwritten", before));
        }
        return new Answer(false, Json.bytes(new Words.Joined(why, null, null, null, null)));
    }

    /// Who asks at random must not fill the disk.
    /// @return how many were not written since the last entry; negative when this one isn't either
    private synchronized int entryDue() {
        long now = System.nanoTime();
        if (now - lastEntry < ENTRY_EVERY.toNanos()) {
            unwritten++;
            return -1;
        }
        int before = unwritten;
        lastEntry = now;
        unwritten = 0;
        return before;
    }

    private static Entry entry(String outcome, InetAddress from, String token, String node) {
        return Entry.of(What.NODE_JOIN, "", outcome)
                .with("node", node)
                .with("token", token)
                .with("from", from.getHostAddress());
    }

    private static String sentence(Invitations.Answer why) {
        return switch (why) {
            case GOOD -> "";
            case UNKNOWN -> "this node gave out no such token (a restart forgets them); make one with carrel invite";
            case USED -> "that token was used already; make another with carrel invite";
            case OLD -> "that token is too old; make another with carrel invite";
        };
    }
}
