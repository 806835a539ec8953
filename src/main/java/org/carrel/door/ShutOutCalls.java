package org.carrel.door;

import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.carrel.api.Json;
import org.carrel.domain.node.NodeId;
import org.carrel.trust.Peer;
import org.carrel.trust.ShutOutList;
import org.carrel.trust.ShutOutList.Word;

/// Tells any node of the cluster who is shut out: the whole list, when it is another than the one that was told before.
public final class ShutOutCalls implements Calls {
    /// how long a call may wait for news: there are hardly any
    static final Duration PATIENCE = Duration.ofMinutes(1);

    private final NodeId id;
    private final ShutOutList list;

    public ShutOutCalls(NodeId id, ShutOutList list) {
        this.id = id;
        this.list = list;
    }

    @Override
    public byte[] answer(Peer peer, String path, byte[] body) throws IOException, InterruptedException, NoSuchCall {
        if (!path.equals(Words.SHUT_OUT)) throw new NoSuchCall(path);
        Words.AskShutOut asked = Wire.read(body, Words.AskShutOut.class);
        Duration patience = Duration.ofMillis(Math.clamp(asked.waitMillis(), 0, PATIENCE.toMillis()));
        return Json.bytes(words(list.after(asked.digest(), patience)));
    }

    private Words.ShutOut words(List<Word> words) {
        return new Words.ShutOut(
                id.value(),
                ShutOutList.digestOf(words),
                words.stream()
                        .map(word -> new Words.ShutOutWord(
                                word.node().value(), word.name(), word.at(), word.out(), word.signature()))
                        .toList());
    }

    /// @throws IllegalArgumentException when one makes no sense
    static Collection<Word> read(Words.ShutOut told) {
        if (told.words().size() > ShutOutList.MOST) throw new IllegalArgumentException("it tells too much at once");
        return told.words().stream()
                .map(word -> new Word(new NodeId(word.node()), word.name(), word.at(), word.out(), word.signature()))
                .toList();
    }
}
