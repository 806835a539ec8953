package org.carrel.door;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.carrel.api.Json;
import org.carrel.domain.member.Candidate;
import org.carrel.trust.ClusterName;
import org.carrel.trust.Newcomer;

/// What a machine with a token says at the door of the node that gave it out. Blocking.
public final class JoinCall {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private JoinCall() {}

    /// Asks the token's doors one after the other, until one answers.
    /// @param keyDirectory made by it, complete or not at all
    /// @return name of the cluster it is a node of now
    /// @throws IOException when none answers, or the token is refused; the message says what to do
    public static ClusterName join(Newcomer newcomer, Path keyDirectory) throws IOException {
        IOException last = new IOException("the token names no door");
        for (String door : newcomer.token().doors()) {
            Words.Joined answer;
            try {
                answer = ask(newcomer, Candidate.of(door));
            } catch (IOException | IllegalArgumentException unheard) {
                last = new IOException(unheard(door, unheard), unheard);
                continue;
            }
            if (answer.refused() != null) throw new IOException(door + " refused: " + clean(answer.refused()));
            return settle(newcomer, answer, keyDirectory);
        }
        throw last;
    }

    private static Words.Joined ask(Newcomer newcomer, Candidate door) throws IOException {
        byte[] words = Json.bytes(new Words.Join(
                newcomer.token().id(),
                newcomer.token().secret(),
                newcomer.node().value(),
                Base64.getEncoder().encodeToString(newcomer.request())));
        InetSocketAddress address = new InetSocketAddress(door.host(), door.port());
        if (address.isUnresolved()) throw new IOException("no address is known of " + door.host());
        try (Socket plain = new Socket()) {
            plain.connect(address, (int) PATIENCE.toMillis());
            plain.setSoTimeout((int) PATIENCE.toMillis());
            try (SSLSocket socket =
                    (SSLSocket) newcomer.tls().getSocketFactory().createSocket(plain, door.host(), door.port(), true)) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setServerNames(List.of(new SNIHostName(Greeting.NEWCOMER)));
                parameters.setApplicationProtocols(new String[] {Joining.ALPN});
                socket.setSSLParameters(parameters);
                // the other side is known before the secret is said
                socket.startHandshake();
                DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                out.writeShort(words.length);
                out.write(words);
                out.flush();
                DataInputStream in = new DataInputStream(socket.getInputStream());
                byte[] answer = new byte[in.readUnsignedShort()];
                in.readFully(answer);
                return Json.readAnswer(answer, Words.Joined.class);
            }
        }
    }

    private static ClusterName settle(Newcomer newcomer, Words.Joined answer, Path keyDirectory) throws IOException {
        if (answer.certificate() == null
                || answer.cluster() == null
                || answer.secret() == null
                || answer.issuers() == null) throw new IOException("the answer lacks what makes a node");
        try {
            Base64.Decoder bytes = Base64.getDecoder();
            List<String> issuers = answer.issuers().stream()
                    .map(door -> Candidate.of(door).toString())
                    .toList();
            return newcomer.settle(
                    bytes.decode(answer.certificate()),
                    bytes.decode(answer.cluster()),
                    bytes.decode(answer.secret()),
                    issuers,
                    keyDirectory);
        } catch (IllegalArgumentException nonsense) {
            throw new IOException("the answer makes no sense: " + nonsense.getMessage(), nonsense);
        }
    }

    private static String unheard(String door, Exception why) {
        boolean shaken = why instanceof SSLHandshakeException;
        return door
                + (shaken
                        ? " didn't take this machine for an invited one, or isn't of the token's cluster ("
                        : " can't be" + " asked (")
                + clean(String.valueOf(why.getMessage()))
                + (shaken
                        ? "); after a restart of that node make another token: carrel invite"
                        : "); is its door's port open to this machine?");
    }

    private static String clean(String text) {
        String cut = text.length() > 200 ? text.substring(0, 200) + "…" : text;
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
