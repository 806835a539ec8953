package org.carrel.kind;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.carrel.kind.UnixWebSocket.Message;

/// The page's end of a link, in the test's hand. It acknowledges nothing by itself.
final class LinkedPage implements AutoCloseable {
    private static final String INIT = "{\"method\":\"init\",\"data\":{\".clientdata_url_search\":\"\","
            + "\".clientdata_url_pathname\":\"/\",\".clientdata_singletons\":\"\",\".clientdata_pixelratio\":1}}";

    UnixWebSocket connection;
    String id = "";
    String key = "";
    long sent;
    /// the last number from R
    long received;
    /// payloads of all messages from R, in order
    final List<Message> messages = new ArrayList<>();

    LinkedPage(UnixWebSocket connection) {
        this.connection = connection;
    }

    void hello() throws IOException {
        connection.send("h 1 new");
        String[] words = connection.receive().text().split(" ");
        id = words[3];
        key = words[4];
        message(INIT);
        until("\"page\":");
    }

    /// Dials again and says where it stands. @return R's answer
    String resume(UnixWebSocket on) throws IOException {
        return resume(on, key);
    }

    String resume(UnixWebSocket on, String withKey) throws IOException {
        connection = on;
        on.send("h 1 resume " + id + " " + withKey + " " + received);
        return on.receive().text();
    }

    void message(String payload) throws IOException {
        connection.send("m" + ++sent + " " + payload);
    }

    void input(String name, String value) throws IOException {
        message(update(name, value));
    }

    static String update(String name, String value) {
        return "{\"method\":\"update\",\"data\":{\"" + name + "\":" + value + "}}";
    }

    /// The same in Shiny's binary form, with a blob. Source: shiny, `decodeMessage`.
    void binaryInput(String name, String value) throws IOException {
        byte[] json = update(name, value).getBytes(StandardCharsets.UTF_8);
        byte[] head = ("m" + ++sent + " ").getBytes(StandardCharsets.US_ASCII);
        ByteBuffer frame = ByteBuffer.allocate(head.length + 12 + json.length + 3)
                .put(head)
                .order(ByteOrder.LITTLE_ENDIAN);
        frame.putInt(0x01020202).putInt(json.length).put(json).putInt(3).put(new byte[] {0, 1, 2});
        connection.send(frame.array());
    }

    /// Reads on until a message from R holds these words. @return its payload
    String until(String words) throws IOException {
        return until(message -> message.text().contains(words)).text();
    }

    Message until(Predicate<Message> wanted) throws IOException {
        while (true) {
            Message frame = connection.receive();
            if (frame.bytes()[0] != 'm') throw new EOFException(frame.text());
            Message message = take(frame);
            if (wanted.test(message)) return message;
        }
    }

    private Message take(Message frame) {
        byte[] bytes = frame.bytes();
        int space = 0;
        while (bytes[space] != ' ') space++;
        long number = Long.parseLong(new String(bytes, 1, space - 1, StandardCharsets.US_ASCII));
        if (number != received + 1) throw new AssertionError("number " + number + " behind " + received);
        received = number;
        Message message = new Message(frame.binary(), Arrays.copyOfRange(bytes, space + 1, bytes.length));
        messages.add(message);
        return message;
    }

    /// @return what R says before it closes, behind all messages
    String last() throws IOException {
        while (true) {
            Message frame = connection.receive();
            if (frame.bytes()[0] == 'm') take(frame);
            else if (frame.bytes()[0] != 'a') return frame.text();
        }
    }

    /// Without a word, as a network that is gone.
    void vanish() throws IOException {
        connection.close();
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
