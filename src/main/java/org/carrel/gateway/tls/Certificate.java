package org.carrel.gateway.tls;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.carrel.trust.ServerKey;
import org.carrel.trust.ServerKey.UnusableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The certificate of the public listener, taken anew, without a restart, when its files change. New connections get
/// the
/// new one, those that stand go on.
///
/// Files that can't be used leave the one in use alone; `problem` says why until they are mended.
public final class Certificate implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Certificate.class);
    private static final Duration SOON = Duration.ofDays(14);
    static final Duration LOOK = Duration.ofSeconds(5);

    /// What changes when a file is written or replaced, by a link as well.
    private record Stamp(Object file, long modified, long size) {}

    private record InUse(SslContext context, Instant ends) {}

    private final Path chain;
    private final Path key;
    private final InstantSource time;
    private final Duration look;
    private final Thread watcher;
    private volatile InUse inUse;
    private volatile @Nullable String refused;
    private List<Optional<Stamp>> taken;
    private List<Optional<Stamp>> seen;

    private Certificate(Path chain, Path key, InstantSource time, Duration look) throws UnusableException {
        this.chain = chain;
        this.key = key;
        this.time = time;
        this.look = look;
        this.taken = stamps();
        this.seen = taken;
        this.inUse = load();
        this.watcher = Thread.ofVirtual().name("certificate").unstarted(this::watch);
    }

    /// @throws UnusableException when there is nothing to begin with
    public static Certificate open(Path chain, Path key, InstantSource time) throws UnusableException {
        return open(chain, key, time, LOOK);
    }

    static Certificate open(Path chain, Path key, InstantSource time, Duration look) throws UnusableException {
        Certificate certificate = new Certificate(chain, key, time, look);
        certificate.watcher.start();
        return certificate;
    }

    /// To be asked for each new connection; never blocks.
    public SslContext context() {
        return inUse.context;
    }

    public Instant ends() {
        return inUse.ends;
    }

    /// why changed files aren't in use, or that the one in use ends within two weeks
    public Optional<String> problem() {
        String why = refused;
        if (why != null) return Optional.of("the certificate in use stays, since " + why);
        Instant ends = inUse.ends;
        return time.instant().plus(SOON).isAfter(ends)
                ? Optional.of("the certificate in " + chain + " ends at " + ends + "; renew it")
                : Optional.empty();
    }

    private void watch() {
        try {
            while (true) {
                TimeUnit.NANOSECONDS.sleep(look.toNanos());
                look();
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    /// The two files are replaced one after the other: they are taken when they have been the same at two looks.
    private void look() {
        List<Optional<Stamp>> now = stamps();
        boolean settled = now.equals(seen);
        seen = now;
        if (!settled || now.equals(taken)) return;
        taken = now;
        try {
            inUse = load();
            refused = null;
            log.info("certificate swapped file={} ends={}", chain, inUse.ends);
        } catch (UnusableException | RuntimeException unusable) {
            refused = unusable.getMessage();
            log.error("certificate not swapped, the one in use stays ends={} why=\"{}\"", inUse.ends, refused);
        }
    }

    private InUse load() throws UnusableException {
        ServerKey pair = ServerKey.read(chain, key);
        try {
            SslContext context = SslContextBuilder.forServer(pair.key(), pair.chain())
                    .protocols("TLSv1.3", "TLSv1.2")
                    .applicationProtocolConfig(new ApplicationProtocolConfig(
                            ApplicationProtocolConfig.Protocol.ALPN,
                            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                            "http/1.1"))
                    .build();
            return new InUse(context, pair.ends());
        } catch (IOException unfit) {
            throw new IllegalStateException(
                    "the certificate in " + chain + " can't be used: " + unfit.getMessage(), unfit);
        }
    }

    private List<Optional<Stamp>> stamps() {
        return List.of(stamp(chain), stamp(key));
    }

    private static Optional<Stamp> stamp(Path file) {
        try {
            BasicFileAttributes it = Files.readAttributes(file, BasicFileAttributes.class);
            return Optional.of(new Stamp(it.fileKey(), it.lastModifiedTime().toMillis(), it.size()));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        watcher.interrupt();
    }
}
