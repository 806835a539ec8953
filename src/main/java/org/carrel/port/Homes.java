package org.carrel.port;

import java.util.Optional;
import org.carrel.domain.place.Home;
import org.carrel.domain.session.SessionKey;

/// Where users' files are, and what follows from it for sessions that have to do with them.
public interface Homes {
    /// For a placement: where a session of this key has to be.
    Home of(SessionKey key);

    /// Why this node can't begin it: its user's files are elsewhere, or on their way. A sentence.
    Optional<String> obstacle(SessionKey key);

    /// Begins something, or doesn't, while no files are taken away from under it.
    <T> T beginning(SessionKey key, Beginning<T> what) throws InterruptedException;

    /// This node has begun it: from now on its user's files are here, if they weren't anywhere yet.
    void began(SessionKey key);

    interface Beginning<T> {
        T begin() throws InterruptedException;
    }

    /// Everywhere alike.
    Homes SHARED = new Homes() {
        @Override
        public Home of(SessionKey key) {
            return Home.SHARED;
        }

        @Override
        public Optional<String> obstacle(SessionKey key) {
            return Optional.empty();
        }

        @Override
        public <T> T beginning(SessionKey key, Beginning<T> what) throws InterruptedException {
            return what.begin();
        }

        @Override
        public void began(SessionKey key) {
            // nothing depends on it
        }
    };
}
