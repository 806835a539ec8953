package org.carrel.gateway.support;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import org.carrel.support.Trusting;

/// A socket that sends exactly what it is told to.
public final class RawClient implements AutoCloseable {
    /// @param body decoded when it came in chunks
    public record Reply(int status, String head, String body) {
        public Optional<String> header(String name) {
            return head.lines()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":"))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .findFirst();
        }
    }

    private final Socket socket;
    private final InputStream in;

    public RawClient(InetSocketAddress address) throws IOException {
        this(address, 0);
    }

    /// @param receiveBuffer small, for a slow reader; 0: as it is
    public RawClient(InetSocketAddress address, int receiveBuffer) throws IOException {
        socket = new Socket();
        if (receiveBuffer > 0) socket.setReceiveBufferSize(receiveBuffer);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(10_000);
        socket.connect(address, 10_000);
        in = new BufferedInputStream(socket.getInputStream());
    }

    private RawClient(Socket connected) throws IOException {
        socket = connected;
        in = new BufferedInputStream(socket.getInputStream());
    }

    /// Trusts whatever certificate it is shown.
    /// @param protocols that it speaks
    public static RawClient encrypted(InetSocketAddress address, List<String> protocols) throws IOException {
        Socket plain = new Socket();
        try {
            plain.setTcpNoDelay(true);
            plain.setSoTimeout(10_000);
            plain.connect(address, 10_000);
            SSLSocket socket = (SSLSocket)
                    Trusting.context().getSocketFactory().createSocket(plain, "localhost", address.getPort(), true);
            socket.setEnabledProtocols(protocols.toArray(String[]::new));
            socket.startHandshake();
            return new RawClient(socket);
        } catch (IOException | RuntimeException broken) {
            plain.close();
            throw broken;
        }
    }

    public RawClient send(String text) throws IOException {
        return send(text.getBytes(ISO_8859_1));
    }

    public RawClient send(byte[] bytes) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(bytes);
        out.flush();
        return this;
    }

    public Reply exchange(String request) throws IOException {
        return send(request).reply();
    }

    public Reply reply() throws IOException {
        return reply(false);
    }

    /// @param head it answers HEAD: no body, whatever its length says
    public Reply reply(boolean head) throws IOException {
        String text = Backend.head(in);
        if (text.isEmpty()) throw new IOException("closed without an answer");
        int status = Integer.parseInt(text.substring(9, 12));
        String lower = text.toLowerCase(Locale.ROOT);
        if (head || status < 200 || status == 204 || status == 304) return new Reply(status, text, "");
        if (lower.contains("\r\ntransfer-encoding: chunked"))
            return new Reply(status, text, new String(Backend.chunks(in), ISO_8859_1));
        Reply bare = new Reply(status, text, "");
        Optional<String> length = bare.header("Content-Length");
        byte[] body = length.isPresent() ? in.readNBytes(Integer.parseInt(length.get())) : in.readAllBytes();
        return new Reply(status, text, new String(body, ISO_8859_1));
    }

    public InputStream in() {
        return in;
    }

    public String read(int bytes) throws IOException {
        return new String(in.readNBytes(bytes), ISO_8859_1);
    }

    /// everything up to the end of the connection
    public String readToEnd() throws IOException {
        return new String(in.readAllBytes(), ISO_8859_1);
    }

    public void finishSending() throws IOException {
        socket.shutdownOutput();
    }

    /// Goes without a word: a reset instead of an orderly end.
    public void vanish() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    public Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
