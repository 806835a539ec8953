package org.carrel.port;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;
import jdk.net.ExtendedSocketOptions;
import org.carrel.domain.session.Endpoint;

/// Who alone may listen behind a session's unix socket: the owner of the directory it is in. The session's user may put
/// anything in that directory, a link to somebody else's socket too; but the directory itself is made by the launcher,
/// in one where sessions can't write, and nobody but root can give it away. So what is compared is who listens, after
/// connecting, however the way led there.
///
/// In a directory of root's where nobody else writes, a server of the system listens (RStudio's `rserver`), as whoever
/// root lets it be: then there is nothing to compare.
///
/// Where all sessions have one uid this tells nothing more than that no other user of the machine listens.
/// Source: unix(7), `SO_PEERCRED`: of a listening socket, the credentials at the time of `listen`.
///
/// @param uid  as the kernel numbers it
/// @param user the same, as the JDK names it
public record SocketOwner(int uid, UserPrincipal user) {
    /// @return empty for a port: whose that is, a launcher tells; and for a socket that only root can have put there
    /// @throws IOException when the directory is gone: then nobody may listen
    public static Optional<SocketOwner> of(Endpoint endpoint) throws IOException {
        return switch (endpoint) {
            case Endpoint.Tcp tcp -> Optional.empty();
            case Endpoint.Unix(var path) ->
                ofDirectory(Path.of(path).resolveSibling(".").normalize());
        };
    }

    private static Optional<SocketOwner> ofDirectory(Path directory) throws IOException {
        int uid = (int) Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        int mode = (int) Files.getAttribute(directory, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if (uid == 0 && (mode & 022) == 0) return Optional.empty();
        return Optional.of(new SocketOwner(uid, Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS)));
    }

    /// To be called before the first byte is sent.
    /// @throws ForeignSocketException when somebody else listens there
    /// @throws IOException            when it can't be told
    public static void check(Endpoint endpoint, SocketChannel connected) throws IOException {
        Optional<SocketOwner> owner = of(endpoint);
        if (owner.isEmpty()) return;
        UserPrincipal peer =
                connected.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
        if (!peer.equals(owner.get().user()))
            throw new ForeignSocketException("the socket is held by another user (" + peer.getName() + " instead of "
                    + owner.get().user().getName() + ")");
    }
}
