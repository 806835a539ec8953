package org.carrel.port;

import java.util.List;

/// What an administrator should look at on this node. May block for a moment.
@FunctionalInterface
public interface Troubles {
    /// of one kind; more would be noise
    int MOST = 100;

    /// those that last
    List<Trouble> present();

    /// @param about `settings`, `users` or `orphan`
    /// @param what  a sentence; for a file with its name and line
    /// @param next  what to do
    record Trouble(String about, String what, String next) {}
}
