package org.carrel.port;

import java.io.IOException;
import java.util.List;

/// Looks at the machine itself: processes by their name, also those that Carrel did not start.
public interface OsWatch {
    /// Those alive under that name, at most `MOST`, the oldest pid first. Costs a few reads for each process of the
    /// machine.
    List<OsProcess> named(String name) throws IOException;

    OsHost host() throws IOException;

    /// of one name; who has more than these has other troubles
    int MOST = 2_000;
}
