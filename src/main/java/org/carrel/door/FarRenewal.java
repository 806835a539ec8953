package org.carrel.door;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.carrel.trust.Role;
import org.carrel.trust.Trust;

/// The next certificate of a node that can't sign, from any node that can: the doors it knows are asked one after the
/// other. Who is asked and who asks have proved themselves by their present certificates.
public final class FarRenewal implements Trust.Renewal {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final PeerCalls calls;
    private final Supplier<? extends List<? extends SocketAddress>> doors;

    public FarRenewal(PeerCalls calls, Supplier<? extends List<? extends SocketAddress>> doors) {
        this.calls = calls;
        this.doors = doors;
    }

    @Override
    public byte[] renew(byte[] request, Set<Role> roles) throws IOException, InterruptedException {
        Words.Renew asked = new Words.Renew(
                Base64.getEncoder().encodeToString(request),
                roles.stream().map(Role::word).toList());
        IOException last = new IOException("no other node's door is known");
        for (SocketAddress door : doors.get()) {
            try {
                Words.Renewed answer = calls.call(door, Words.RENEW, asked, Words.Renewed.class, PATIENCE);
                return Base64.getDecoder().decode(answer.certificate());
            } catch (IOException elsewhere) {
                last = elsewhere;
            } catch (IllegalArgumentException nonsense) {
                last = new IOException("no answer to a renewal: " + nonsense.getMessage(), nonsense);
            }
        }
        throw last;
    }
}
