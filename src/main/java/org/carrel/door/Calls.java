package org.carrel.door;

import java.io.IOException;
import org.carrel.trust.Peer;

/// Answers calls of other nodes. Runs on virtual threads and may block.
public interface Calls {
    /// @param path for example `/v1/admit`
    /// @param body JSON
    /// @return JSON
    /// @throws IllegalArgumentException when the call makes no sense; the caller is told
    /// @throws NoSuchCall               when there is no such path
    byte[] answer(Peer peer, String path, byte[] body) throws IOException, InterruptedException, NoSuchCall;

    /// What the first doesn't know is asked of the second.
    default Calls or(Calls second) {
        return (peer, path, body) -> {
            try {
                return answer(peer, path, body);
            } catch (NoSuchCall unknown) {
                return second.answer(peer, path, body);
            }
        };
    }

    final class NoSuchCall extends Exception {
        public NoSuchCall(String path) {
            super("no such call: " + path);
        }
    }
}
