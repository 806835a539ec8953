package org.carrel.cluster;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/// Sends multicast DNS answers for nodes that don't exist, and some bytes that are no answers at all.
/// Source: RFC 1035, 4.1; RFC 6763, 4.
///
/// Words: own address, how many.
public final class FakeAnnouncements {
    private static final int PORT = 5353;
    private static final int PTR = 12;
    private static final int TXT = 16;
    private static final int SRV = 33;
    private static final int A = 1;

    private FakeAnnouncements() {}

    public static void main(String[] words) throws IOException, InterruptedException {
        InetAddress own = InetAddress.ofLiteral(words[0]);
        int count = Integer.parseInt(words[1]);
        InetAddress group = InetAddress.ofLiteral("224.0.0.251");
        try (MulticastSocket socket = new MulticastSocket()) {
            socket.setNetworkInterface(NetworkInterface.getByInetAddress(own));
            for (int i = 0; i < count; i++) {
                byte[] packet = i % 10 == 9 ? noise(i) : answer(i);
                socket.send(new DatagramPacket(packet, packet.length, group, PORT));
                if (i % 10 == 0) TimeUnit.MILLISECONDS.sleep(50); // some 200 a second
            }
        }
    }

    private static byte[] noise(int i) {
        byte[] bytes = new byte[i % 600 + 1];
        new java.util.SplittableRandom(i).nextBytes(bytes);
        return bytes;
    }

    private static byte[] answer(int i) throws IOException {
        String instance = "%016x-%016x".formatted(0x1000 + i, i);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        for (int word : new int[] {0, 0x8400, 0, 4, 0, 0}) out.writeShort(word);
        record(out, name("_carrel", "_tcp", "local"), PTR, name(instance, "_carrel", "_tcp", "local"));
        ByteArrayOutputStream service = new ByteArrayOutputStream();
        DataOutputStream srv = new DataOutputStream(service);
        srv.writeShort(0);
        srv.writeShort(0);
        srv.writeShort(7443);
        srv.write(name("fake" + i, "local"));
        record(out, name(instance, "_carrel", "_tcp", "local"), SRV, service.toByteArray());
        byte[] text = "cluster=test".getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream txt = new ByteArrayOutputStream();
        txt.write(text.length);
        txt.write(text);
        record(out, name(instance, "_carrel", "_tcp", "local"), TXT, txt.toByteArray());
        record(out, name("fake" + i, "local"), A, new byte[] {10, 66, (byte) (1 + i / 250), (byte) (1 + i % 250)});
        return bytes.toByteArray();
    }

    private static void record(DataOutputStream out, byte[] name, int type, byte[] data) throws IOException {
        out.write(name);
        out.writeShort(type);
        out.writeShort(1);
        out.writeInt(4500);
        out.writeShort(data.length);
        out.write(data);
    }

    private static byte[] name(String... labels) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String label : labels) {
            bytes.write(label.length());
            bytes.write(label.getBytes(StandardCharsets.US_ASCII));
        }
        bytes.write(0);
        return bytes.toByteArray();
    }
}
