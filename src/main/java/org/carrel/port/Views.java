package org.carrel.port;

import org.carrel.http.Feed;

/// Where the present view is found. Reading it is one volatile read: event loops may.
public interface Views {
    View current();

    /// Views as they change, the present one first. A slow reader skips to the newest.
    Feed<View> follow();
}
