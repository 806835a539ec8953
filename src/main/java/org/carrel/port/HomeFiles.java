package org.carrel.port;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.carrel.domain.user.UserId;

/// Users' home directories on this machine, taken up and put down as a whole. All of it may take as long as a disk
/// does.
public interface HomeFiles {
    /// The home as a tar archive, read with its user's own rights. Nothing is written when there is none.
    /// @throws IOException when not everything could be read; what was written is of no use then
    void pack(UserId user, OutputStream to) throws IOException, InterruptedException;

    /// Makes the home anew from a tar archive: whole or not at all. What was there before is set aside.
    /// @param from when reading it throws, nothing is changed
    void unpack(UserId user, InputStream from) throws IOException, InterruptedException;

    /// Keeps the home beside the others, under a name no session is led to. Nothing when there is none.
    void setAside(UserId user) throws IOException;
}
