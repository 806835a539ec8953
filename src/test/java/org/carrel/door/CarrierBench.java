package org.carrel.door;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.carrel.trust.ClusterKey;
import org.carrel.trust.ClusterName;
import org.carrel.trust.Mutual;
import org.carrel.trust.Role;
import org.carrel.trust.Trust;

/// What the hop between two nodes costs, by how session connections are carried over it. Both ends run in this one
/// process, each with one event loop, and its CPU time is counted whole. A program, not a test: docs/benchmarks.md.
///
///     jdk      one TLS connection for each session connection, the JDK's engine
///     boring   the same on BoringSSL
///     h2-jdk   one TLS connection for each pair, HTTP/2 streams on it, the JDK's engine
///     h2       the same on BoringSSL
///
/// Arguments: `CARRIER pages COUNT RATE`, `CARRIER echo CONNECTIONS SECONDS`, `CARRIER bulk MEGABYTES`,
/// `CARRIER idle COUNT`.
public final class CarrierBench {
    private static final int PREFACE = 120;
    private static final int REQUEST = 400;
    private static final int ANSWER = 8 * 1024;
    private static final int SMALL = 100;
    private static final int PER_PAGE = 7;
    private static final int WINDOW = 256 * 1024;
    private static final Set<Role> BOTH = Set.of(Role.AGENT, Role.GATEWAY);

    private static final MultiThreadIoEventLoopGroup SERVERS =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private static final MultiThreadIoEventLoopGroup CLIENTS =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

    private final Carrier carrier;

    private CarrierBench(Carrier carrier) {
        this.carrier = carrier;
    }

    /// One connection of a session, however it is carried; bytes in and out.
    interface Carrier {
        CompletableFuture<Channel> open(ChannelHandler handler);
    }

    public static void main(String[] args) throws Exception {
        Path temp = Files.createTempDirectory("carrier");
        ClusterKey.make(
                temp.resolve("key"),
                new ClusterName("bench"),
                InstantSource.system().instant());
        try (Trust trust = Trust.open(temp.resolve("key"), temp.resolve("node"), BOTH, InstantSource.system())) {
            Mutual mutual = trust.mutual(BOTH);
            SslProvider provider = args[0].contains("jdk") ? SslProvider.JDK : SslProvider.OPENSSL;
            boolean h2 = args[0].startsWith("h2");
            SslContext server = SslContextBuilder.forServer(mutual.keyManager())
                    .trustManager(mutual.trustManager())
                    .sslProvider(provider)
                    .protocols("TLSv1.3")
                    .clientAuth(ClientAuth.REQUIRE)
                    .sessionTimeout(600)
                    .build();
            SslContext client = SslContextBuilder.forClient()
                    .keyManager(mutual.keyManager())
                    .trustManager(mutual.trustManager())
                    .sslProvider(provider)
                    .protocols("TLSv1.3")
                    .endpointIdentificationAlgorithm("")
                    .build();
            CarrierBench bench = new CarrierBench(h2 ? h2(server, client) : each(server, client));
            switch (args[1]) {
                case "pages" -> bench.pages(args[0], Integer.parseInt(args[2]), Integer.parseInt(args[3]));
                case "echo" -> bench.echo(args[0], Integer.parseInt(args[2]), Integer.parseInt(args[3]));
                case "bulk" -> bench.bulk(args[0], Integer.parseInt(args[2]));
                case "idle" -> bench.idle(args[0], Integer.parseInt(args[2]));
                default -> throw new IllegalArgumentException(args[1]);
            }
        }
        System.exit(0);
    }

    // ---- carriers

    private static Carrier each(SslContext server, SslContext client) {
        Channel listener = listen(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(server.newHandler(channel.alloc()), new Owner());
            }
        });
        InetSocketAddress address = (InetSocketAddress) listener.localAddress();
        return handler -> {
            CompletableFuture<Channel> open = new CompletableFuture<>();
            connect(address, new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel channel) {
                    SslHandler tls = client.newHandler(channel.alloc(), "n2", address.getPort());
                    channel.pipeline().addLast(tls, handler);
                    tls.handshakeFuture().addListener(done -> {
                        if (done.isSuccess()) open.complete(channel);
                        else open.completeExceptionally(done.cause());
                    });
                }
            });
            return open;
        };
    }

    private static Carrier h2(SslContext server, SslContext client) throws Exception {
        Channel listener = listen(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline()
                        .addLast(
                                server.newHandler(channel.alloc()),
                                frames(Http2FrameCodecBuilder.forServer()),
                                new Http2MultiplexHandler(new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel stream) {
                                        stream.pipeline().addLast(new Bytes(), new Owner());
                                    }
                                }));
            }
        });
        CompletableFuture<Channel> pair = new CompletableFuture<>();
        connect((InetSocketAddress) listener.localAddress(), new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                SslHandler tls = client.newHandler(channel.alloc());
                channel.pipeline()
                        .addLast(
                                tls,
                                frames(Http2FrameCodecBuilder.forClient()),
                                new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
                tls.handshakeFuture().addListener(done -> {
                    if (done.isSuccess()) pair.complete(channel);
                    else pair.completeExceptionally(done.cause());
                });
            }
        });
        Channel parent = pair.get(10, TimeUnit.SECONDS);
        return handler -> {
            CompletableFuture<Channel> open = new CompletableFuture<>();
            parent.eventLoop()
                    .execute(() -> new Http2StreamChannelBootstrap(parent)
                            .handler(new ChannelInitializer<Channel>() {
                                @Override
                                protected void initChannel(Channel stream) {
                                    stream.pipeline().addLast(new Bytes(), handler);
                                }
                            })
                            .open()
                            .addListener((Future<Http2StreamChannel> done) -> {
                                if (!done.isSuccess()) {
                                    open.completeExceptionally(done.cause());
                                    return;
                                }
                                Http2StreamChannel stream = done.getNow();
                                stream.write(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers()
                                        .method("CONNECT")
                                        .authority("s")));
                                open.complete(stream);
                            }));
            return open;
        };
    }

    private static Http2FrameCodec frames(Http2FrameCodecBuilder builder) {
        Http2FrameCodec codec = builder.initialSettings(Http2Settings.defaultSettings()
                        .initialWindowSize(WINDOW)
                        .maxConcurrentStreams(100_000))
                .decoderEnforceMaxRstFramesPerWindow(1_000_000, 1)
                .encoderEnforceMaxRstFramesPerWindow(1_000_000, 1)
                .build();
        var windows = new DefaultHttp2LocalFlowController(codec.connection(), 0.5f, true);
        codec.connection()
                .local()
                .flowController(windows.frameWriter(codec.encoder().frameWriter()));
        return codec;
    }

    /// bytes over a stream's data frames
    static final class Bytes extends ChannelDuplexHandler {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof Http2DataFrame data) context.fireChannelRead(data.content());
            else ReferenceCountUtil.release(message);
        }

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            if (message instanceof ByteBuf bytes) context.write(new DefaultHttp2DataFrame(bytes), promise);
            else context.write(message, promise);
        }
    }

    private static Channel listen(ChannelHandler child) {
        return new ServerBootstrap()
                .group(SERVERS)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 4096)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(child)
                .bind(new InetSocketAddress("127.0.0.2", 0))
                .syncUninterruptibly()
                .channel();
    }

    private static void connect(InetSocketAddress to, ChannelHandler handler) {
        new Bootstrap()
                .group(CLIENTS)
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(handler)
                .connect(to);
    }

    // ---- the owner's side: a preface of PREFACE bytes, one status byte, then by the first byte of a message

    static final class Owner extends ChannelInboundHandlerAdapter {
        private int prefaceLeft = PREFACE;
        private int requestLeft;
        private int kind;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (!(message instanceof ByteBuf in)) {
                ReferenceCountUtil.release(message);
                return;
            }
            try {
                if (prefaceLeft > 0) {
                    int taken = Math.min(prefaceLeft, in.readableBytes());
                    in.skipBytes(taken);
                    prefaceLeft -= taken;
                    if (prefaceLeft == 0) context.write(Unpooled.wrappedBuffer(new byte[] {0}));
                }
                while (in.isReadable()) {
                    if (requestLeft == 0) {
                        kind = in.getByte(in.readerIndex());
                        requestLeft = kind == 'p' ? REQUEST : kind == 'e' ? SMALL : 8;
                    }
                    int taken = Math.min(requestLeft, in.readableBytes());
                    in.skipBytes(taken);
                    requestLeft -= taken;
                    if (requestLeft > 0) continue;
                    if (kind == 'p')
                        context.write(context.alloc().directBuffer(ANSWER).writeZero(ANSWER));
                    if (kind == 'e')
                        context.write(context.alloc().directBuffer(SMALL).writeZero(SMALL));
                    if (kind == 'b') pour(context);
                }
            } finally {
                in.release();
            }
        }

        private static void pour(ChannelHandlerContext context) {
            context.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelWritabilityChanged(ChannelHandlerContext c) {
                    fill(c);
                }

                @Override
                public void handlerAdded(ChannelHandlerContext c) {
                    fill(c);
                }

                void fill(ChannelHandlerContext c) {
                    while (c.channel().isActive() && c.channel().isWritable()) {
                        c.writeAndFlush(c.alloc().directBuffer(64 << 10).writeZero(64 << 10));
                    }
                }
            });
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    /// @param whole called when as many bytes came as were awaited
    static final class Reader extends ChannelInboundHandlerAdapter {
        private final Runnable whole;
        private long left;

        Reader(long awaited, Runnable whole) {
            this.left = awaited;
            this.whole = whole;
        }

        void await(long bytes) {
            left = bytes;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof ByteBuf in) {
                left -= in.readableBytes();
                in.release();
                if (left <= 0) whole.run();
            } else ReferenceCountUtil.release(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    private static ByteBuf message(int bytes, char kind, boolean preface) {
        ByteBuf out = ByteBufAllocator.DEFAULT.directBuffer(bytes + PREFACE);
        if (preface) out.writeZero(PREFACE);
        out.writeByte(kind);
        return out.writeZero(bytes - 1);
    }

    // ---- what is measured

    private void pages(String name, int count, int rate) throws Exception {
        loads(Math.min(count, 600), rate);
        long cpu = cpuNanos();
        long begun = System.nanoTime();
        long[] took = loads(count, rate);
        double seconds = (System.nanoTime() - begun) / 1e9;
        Arrays.sort(took);
        System.out.printf(
                Locale.ROOT,
                "%s pages=%d rate=%.0f/s cpu_ms_per_page=%.3f p50_ms=%.2f p99_ms=%.2f%n",
                name,
                count,
                count / seconds,
                (cpuNanos() - cpu) / 1e6 / count,
                took[count / 2] / 1e6,
                took[count * 99 / 100] / 1e6);
    }

    /// each page: seven connections at once, a request on each, closed after the answer
    private long[] loads(int count, int rate) throws Exception {
        long[] took = new long[count];
        CountDownLatch all = new CountDownLatch(count);
        long start = System.nanoTime();
        for (int page = 0; page < count; page++) {
            int number = page;
            long due = start + page * 1_000_000_000L / rate;
            long wait = due - System.nanoTime();
            if (wait > 0) TimeUnit.NANOSECONDS.sleep(wait);
            AtomicInteger left = new AtomicInteger(PER_PAGE);
            for (int i = 0; i < PER_PAGE; i++) {
                Channel[] mine = new Channel[1];
                Reader reader = new Reader(1 + ANSWER, () -> {
                    Channel channel = mine[0];
                    if (channel != null) channel.close();
                    if (left.decrementAndGet() == 0) {
                        took[number] = System.nanoTime() - due;
                        all.countDown();
                    }
                });
                carrier.open(reader).thenAccept(channel -> {
                    mine[0] = channel;
                    channel.writeAndFlush(message(REQUEST, 'p', true));
                });
            }
        }
        if (!all.await(60, TimeUnit.SECONDS)) throw new IOException(all.getCount() + " pages never ended");
        return took;
    }

    private List<Channel> opened(int count) throws Exception {
        List<Channel> open = new ArrayList<>();
        AtomicInteger echoed = new AtomicInteger();
        for (int i = 0; i < count; i++) {
            Reader reader = new Reader(1 + SMALL, echoed::incrementAndGet);
            Channel channel = carrier.open(reader).get(20, TimeUnit.SECONDS);
            channel.writeAndFlush(message(SMALL, 'e', true));
            open.add(channel);
        }
        while (echoed.get() < count) TimeUnit.MILLISECONDS.sleep(10);
        return open;
    }

    private void echo(String name, int connections, int seconds) throws Exception {
        List<Channel> open = opened(connections);
        AtomicLong echoes = new AtomicLong();
        long warm = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
        long end = warm + TimeUnit.SECONDS.toNanos(seconds);
        CountDownLatch done = new CountDownLatch(connections);
        for (Channel channel : open) {
            Reader[] reader = new Reader[1];
            reader[0] = new Reader(SMALL, () -> {
                reader[0].await(SMALL);
                echoes.incrementAndGet();
                if (System.nanoTime() < end) channel.writeAndFlush(message(SMALL, 'e', false));
                else done.countDown();
            });
            channel.eventLoop().execute(() -> {
                channel.pipeline().removeLast();
                channel.pipeline().addLast(reader[0]);
                channel.writeAndFlush(message(SMALL, 'e', false));
            });
        }
        TimeUnit.NANOSECONDS.sleep(warm - System.nanoTime());
        long cpu = cpuNanos();
        long before = echoes.get();
        done.await();
        long made = echoes.get() - before;
        System.out.printf(
                Locale.ROOT,
                "%s echo connections=%d per_s=%d cpu_s_per_100k=%.2f%n",
                name,
                connections,
                made / seconds,
                (cpuNanos() - cpu) / 1e9 / made * 100_000);
    }

    private void bulk(String name, int megabytes) throws Exception {
        for (int round = 0; round < 2; round++) {
            long cpu = cpuNanos();
            long begun = System.nanoTime();
            CompletableFuture<Void> done = new CompletableFuture<>();
            Channel channel = carrier.open(new Reader((long) megabytes << 20, () -> done.complete(null)))
                    .get();
            channel.writeAndFlush(message(8, 'b', true));
            done.get();
            double took = (System.nanoTime() - begun) / 1e9;
            System.out.printf(
                    Locale.ROOT,
                    "%s bulk cpu_s_per_GiB=%.2f MiB_per_s=%.0f%n",
                    name,
                    (cpuNanos() - cpu) / 1e9 / megabytes * 1024,
                    megabytes / took);
            channel.close().await();
        }
    }

    private void idle(String name, int count) throws Exception {
        List<Channel> first = opened(200);
        long before = memory();
        List<Channel> open = opened(count);
        long after = memory();
        System.out.printf(
                Locale.ROOT,
                "%s idle=%d rss_kib_each=%.1f (both ends)%n",
                name,
                count,
                (after - before) / 1024.0 / count);
        if (first.isEmpty() || open.isEmpty()) throw new IllegalStateException();
    }

    private static long memory() throws Exception {
        for (int i = 0; i < 3; i++) {
            System.gc();
            TimeUnit.MILLISECONDS.sleep(200);
        }
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        long committed =
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted();
        long rss = 0;
        for (String line : Files.readAllLines(Path.of("/proc/self/status")))
            if (line.startsWith("VmRSS:")) rss = Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        System.out.printf(
                Locale.ROOT,
                "  heap_used_mib=%d heap_committed_mib=%d rss_mib=%d%n",
                heap >> 20,
                committed >> 20,
                rss >> 20);
        // the live heap, and what is resident beside the heap
        return heap + Math.max(0, rss - committed);
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
