package org.carrel.gateway;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.function.Function;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.carrel.http.Request.Proof;
import org.carrel.port.Identities.Identity.Known;
import org.carrel.port.Standing;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The node's own socket: the REST interface, without a token, for root and for the user this program runs as. They
/// prove it by being them (`SO_PEERCRED`); they may be anyway, since the files behind it are theirs. Everybody else is
/// turned away, also where the file lets them in. Nothing but the REST interface is served here: it stands for no user
/// of an app.
final class LocalListener implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LocalListener.class);
    private static final int BACKLOG = 16;

    /// A name no user can have (`UserLines`), for the audit log.
    static final Known CALLER = new Known(
            new Principal(new UserId("local"), Set.of(), Set.of(Scope.values())), Proof.LOCAL, Standing.LASTING);

    private final Path path;
    private final int uid;
    private final Function<Channel, @Nullable Loop> loops;
    private @Nullable Channel channel;

    private LocalListener(Path path, int uid, Function<Channel, @Nullable Loop> loops) {
        this.path = path;
        this.uid = uid;
        this.loops = loops;
    }

    /// Takes the place of a socket that somebody left there. Whoever connects waits for `accept`. Native epoll only.
    /// @param path in a directory where only this program and root can write; at most 107 bytes
    static LocalListener open(Path path, EventLoopGroup group, Function<Channel, @Nullable Loop> loops)
            throws IOException {
        int uid = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        LocalListener listener = new LocalListener(path, uid, loops);
        Files.deleteIfExists(path);
        ChannelFuture bound = new ServerBootstrap()
                .group(group)
                .channel(EpollServerDomainSocketChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, Transport.WATER_MARK)
                .childHandler(new ChannelInitializer<EpollDomainSocketChannel>() {
                    @Override
                    protected void initChannel(EpollDomainSocketChannel asker) {
                        listener.welcome(asker);
                    }
                })
                .bind(new DomainSocketAddress(path.toFile()))
                .awaitUninterruptibly();
        if (!bound.isSuccess())
            throw new IOException(
                    "can't listen at " + path + ": " + bound.cause().getMessage(), bound.cause());
        listener.channel = bound.channel();
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        return listener;
    }

    private void welcome(EpollDomainSocketChannel asker) {
        Loop loop = loops.apply(asker);
        InetAddress here = InetAddress.getLoopbackAddress();
        if (loop == null || !isAllowed(asker) || loop.services.isDraining() || !loop.services.enter(here))
            asker.close();
        else asker.pipeline().addLast(new ClientConnection(loop, asker, here, CALLER));
    }

    private boolean isAllowed(EpollDomainSocketChannel asker) {
        try {
            int peer = asker.peerCredentials().uid();
            if (peer == 0 || peer == uid) return true;
            log.warn("local socket refused uid={} path={}", peer, path);
        } catch (IOException untold) {
            log.warn("local socket refused somebody the kernel doesn't name cause=\"{}\"", untold.getMessage());
        }
        return false;
    }

    void accept() {
        if (channel != null) channel.config().setAutoRead(true);
    }

    /// Its file goes with it.
    @Override
    public void close() {
        if (channel != null) channel.close().awaitUninterruptibly();
    }
}
