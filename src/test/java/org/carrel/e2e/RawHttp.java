package org.carrel.e2e;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// One request on a connection of its own to 127.0.0.1, whose every header is the test's choice: `Host` too.
/// @param statusLine as received
/// @param head       status line and header lines
/// @param body       as received; chunked framing, if any, still in it
record RawHttp(String statusLine, String head, String body) {
    static RawHttp send(int port, String host, String method, String path, String body, String... headers)
            throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            // a poll of RStudio lasts 50 s
            socket.setSoTimeout(70_000);
            byte[] content = body.getBytes(StandardCharsets.UTF_8);
            StringBuilder request = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: " + host
                    + "\r\nConnection: close\r\nContent-Length: " + content.length + "\r\n");
            for (String header : headers) request.append(header).append("\r\n");
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.writeBytes(request.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
            all.writeBytes(content);
            socket.getOutputStream().write(all.toByteArray());
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int end = answer.indexOf("\r\n\r\n");
            String head = end < 0 ? answer : answer.substring(0, end);
            return new RawHttp(
                    head.lines().findFirst().orElse("(closed)"), head, end < 0 ? "" : answer.substring(end + 4));
        }
    }
}
