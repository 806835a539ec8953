package org.carrel.door;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.session.End;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.UserId;
import org.carrel.door.DoorCounts.Turned;
import org.carrel.http.Feed;
import org.carrel.port.Admission.Verdict;
import org.carrel.port.Knock;
import org.carrel.port.Lease;
import org.carrel.port.View;
import org.carrel.port.Views;
import org.carrel.support.Await;
import org.carrel.trust.Role;
import org.carrel.trust.Trust;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a door lets in, over real sockets.
class DoorTest {
    private static final SessionId ADAS = new SessionId("adaadaadaadaadaa");
    private static final SessionId GONE = new SessionId("gonegonegonegone");
    private static final UserId ADA = new UserId("ada");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path temp;

    private final Set<SessionId> live = ConcurrentHashMap.newKeySet();
    private final AtomicInteger version = new AtomicInteger();
    private final AtomicInteger leases = new AtomicInteger();
    private final AtomicInteger knocks = new AtomicInteger();
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private Lab lab;
    private EchoWorkload backend;
    private Trust owner;

    @BeforeEach
    void open() throws IOException {
        lab = new Lab(temp);
        backend = lab.keep(new EchoWorkload());
        owner = lab.node("owner", Set.of(Role.AGENT));
        live.add(ADAS);
    }

    @AfterEach
    void close() throws Exception {
        lab.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void bytes_pass_both_ways_behind_a_preface() throws Exception {
        Door door = door(DoorLimits.DEFAULT);
        Talk talk = talk(door, ADA, ADAS);
        talk.send("hello");
        assertThat(talk.read(5)).isEqualTo("hello");
        assertThat(door.counts().opened()).isEqualTo(1);
        talk.channel().close().await();
        Await.until("the lease of the connection is closed", () -> leases.get() == 0);
        Await.until("no stream is left", () -> door.counts().streams() == 0);
    }

    @Test
    void each_direction_ends_by_itself() throws Exception {
        Talk talk = talk(door(DoorLimits.DEFAULT), ADA, ADAS);
        talk.send("last words");
        StreamBytes.endOutput(talk.channel());
        assertThat(talk.read(10)).isEqualTo("last words");
        assertThat(talk.closed().get(20, TimeUnit.SECONDS))
                .as("the echo ends when its input ends")
                .isTrue();
    }

    @Test
    void nobody_reaches_anothers_session_nor_one_that_is_not_there_nor_one_that_ended() throws Exception {
        Door door = door(DoorLimits.DEFAULT);
        assertThat(refused(door, new UserId("ben"), ADAS)).isEqualTo(Status.ABSENT);
        assertThat(refused(door, ADA, new SessionId("nobodynobodynobo"))).isEqualTo(Status.ABSENT);
        assertThat(refused(door, ADA, GONE)).isEqualTo(Status.GONE);
        assertThat(door.counts().turned(Turned.ADMISSION)).isEqualTo(3);
        assertThat(backend.connections()).as("the workload saw nothing").isZero();
    }

    @Test
    void every_new_connection_is_admitted_anew() throws Exception {
        Door door = door(DoorLimits.DEFAULT);
        talk(door, ADA, ADAS);
        live.remove(ADAS);
        assertThat(refused(door, ADA, ADAS)).isEqualTo(Status.ABSENT);
        assertThat(knocks).hasValue(2);
    }

    @Test
    void what_is_open_is_closed_when_it_is_no_longer_allowed() throws Exception {
        Talk talk = talk(door(DoorLimits.DEFAULT), ADA, ADAS);
        live.remove(ADAS);
        version.incrementAndGet();
        assertThat(talk.closed().get(20, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000",
                "0001" + "7b",
                "0401",
                "ffff",
                "0002" + "6e6f",
                "0002" + "7b7d",
                "0004" + "6e756c6c",
            })
    void a_senseless_preface_is_refused_and_the_door_goes_on(String hex) throws Exception {
        Door door = door(DoorLimits.DEFAULT);
        assertThat(raw(door, HexFormat.of().parseHex(hex))).isEqualTo(Status.BAD.code());
        assertThat(door.counts().turned(Turned.PREFACE)).isEqualTo(1);
        assertThat(knocks).as("the agent isn't asked").hasValue(0);
        talk(door, ADA, ADAS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"session\":\"adaadaadaadaadaa\",\"user\":\"ada\"}",
                "{\"session\":\"adaadaadaadaadaa\",\"user\":\"ada\",\"kind\":\"smtp\"}",
                "{\"session\":\"../../etc/passwd\",\"user\":\"ada\",\"kind\":\"http\"}",
                "{\"session\":\"adaadaadaadaadaa\",\"user\":\"a;id\",\"kind\":\"http\"}",
                "{\"session\":\"adaadaadaadaadaa\",\"user\":\"ada\",\"kind\":\"http\",\"host\":\"10.0.0.1\"}",
                "{\"session\":\"adaadaadaadaadaa\",\"session\":\"benbenbenbenbenb\",\"user\":\"ada\",\"kind\":\"http\"}"
            })
    void a_preface_says_nothing_but_session_user_and_kind(String json) throws Exception {
        byte[] bytes = json.getBytes(UTF_8);
        ByteBuf preface = Unpooled.buffer().writeShort(bytes.length).writeBytes(bytes);
        byte[] whole = new byte[preface.readableBytes()];
        preface.readBytes(whole);
        assertThat(raw(door(DoorLimits.DEFAULT), whole)).isEqualTo(Status.BAD.code());
    }

    @Test
    void a_preface_longer_than_its_bound_is_refused_though_it_makes_sense() throws Exception {
        String json = "{\"session\":\"adaadaadaadaadaa\",\"user\":\"ada\",\"kind\":\"http\"}";
        Door door = door(DoorLimits.DEFAULT);
        for (int length : new int[] {Preface.JSON_MOST, Preface.JSON_MOST + 1}) {
            byte[] bytes = (json + " ".repeat(length - json.length())).getBytes(UTF_8);
            ByteBuf preface = Unpooled.buffer().writeShort(length).writeBytes(bytes);
            byte[] whole = new byte[preface.readableBytes()];
            preface.readBytes(whole);
            Status expected = length > Preface.JSON_MOST ? Status.BAD : Status.OPEN;
            assertThat(raw(door, whole)).isEqualTo(expected.code());
        }
    }

    @Test
    void whoever_is_slow_with_the_preface_is_hung_up_on() throws Exception {
        Door door = door(limits(100, 8, 8, Duration.ofMillis(100)));
        assertThat(raw(door, new byte[] {0})).isEqualTo(Status.BAD.code());
    }

    @Test
    void a_stranger_without_tls_or_with_garbage_gets_nothing() throws Exception {
        Door door = door(DoorLimits.DEFAULT);
        for (String bytes :
                List.of("GET / HTTP/1.1\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\0\0\0\0", "SSH-2.0-x\r\n"))
            try (Socket socket =
                    new Socket(door.address().getAddress(), door.address().getPort())) {
                socket.setSoTimeout(20_000);
                socket.getOutputStream().write(bytes.getBytes(UTF_8));
                byte[] answer = socket.getInputStream().readAllBytes();
                assertThat(answer).as("an alert at most").hasSizeLessThan(10);
            } catch (IOException reset) {
                // as good as closed
            }
        Await.until("each is counted", () -> door.counts().turned(Turned.HANDSHAKE) == 4);
        talk(door, ADA, ADAS);
    }

    @Test
    void a_node_of_another_cluster_is_refused() throws Exception {
        Door door = door(DoorLimits.DEFAULT);
        try (Lab elsewhere = new Lab(temp.resolve("elsewhere"))) {
            assertThatThrownBy(() -> talk(door, elsewhere.node("stranger", Lab.BOTH), ADA, ADAS))
                    .isInstanceOf(CompletionException.class);
        }
        Await.until("it is counted", () -> door.counts().turned(Turned.HANDSHAKE) == 1);
        assertThat(knocks).hasValue(0);
    }

    @Test
    void a_peer_that_speaks_no_protocol_of_ours_is_hung_up_on() throws Exception {
        Door door = door(DoorLimits.DEFAULT);
        Trust gateway = lab.node("gateway", Lab.BOTH);
        for (List<String> spoken : List.of(List.<String>of(), List.of("h2"), List.of("carrel-session/2")))
            try (SSLSocket socket = dial(door, gateway)) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setApplicationProtocols(spoken.toArray(String[]::new));
                socket.setSSLParameters(parameters);
                socket.startHandshake();
                assertThat(socket.getInputStream().read()).isNegative();
            } catch (IOException refused) {
                // during the handshake
            }
        Await.until("none is left", () -> door.counts().connections() == 0);
    }

    @Test
    void garbage_instead_of_frames_ends_one_connection_and_no_other() throws Exception {
        Door door = door(DoorLimits.DEFAULT);
        Talk talk = talk(door, ADA, ADAS);
        Trust gateway = lab.node("broken", Lab.BOTH);
        try (SSLSocket socket = dial(door, gateway)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {Protocol.SESSION.alpn()});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            socket.getOutputStream().write("not a preface of HTTP/2, certainly not".getBytes(UTF_8));
            socket.getInputStream().readAllBytes();
        } catch (IOException reset) {
            // as good as closed
        }
        talk.send("still here");
        assertThat(talk.read(10)).isEqualTo("still here");
    }

    @Test
    void handshakes_and_connections_of_a_peer_have_a_bound() throws Exception {
        Door door = door(limits(100, 1, 2, Duration.ofSeconds(5)));
        List<Socket> silent = new ArrayList<>();
        for (int i = 0; i < 3; i++)
            silent.add(new Socket(door.address().getAddress(), door.address().getPort()));
        Await.until("the third is turned away", () -> door.counts().turned(Turned.HANDSHAKES) == 1);
        for (Socket socket : silent) socket.close();
        Await.until("their places are free", () -> door.counts().connections() == 0);
        Trust gateway = lab.node("gateway", Lab.BOTH);
        talk(door, gateway, ADA, ADAS);
        assertThatThrownBy(() -> talk(door, gateway, ADA, ADAS)).isInstanceOf(CompletionException.class);
        assertThat(door.counts().turned(Turned.CROWDED)).isEqualTo(1);
    }

    @Test
    void a_door_that_is_not_there_is_said() {
        Trust gateway = owner;
        assertThatThrownBy(() -> connect(new InetSocketAddress("127.0.0.1", 1), gateway, ADA, ADAS))
                .hasRootCauseMessage(
                        "no connection to the door /127.0.0.1:1: finishConnect(..) failed with error(-111): Connection refused: /127.0.0.1:1");
    }

    private Door door(DoorLimits limits) throws IOException {
        return lab.door(owner, limits, this::admit, views, (peer, path, body) -> {
            throw new Calls.NoSuchCall(path);
        });
    }

    private static DoorLimits limits(int connections, int perPeer, int handshakes, Duration preface) {
        return new DoorLimits(connections, perPeer, handshakes, 1_000, preface, Duration.ofSeconds(5), 1 << 20);
    }

    private Verdict admit(Knock knock) {
        knocks.incrementAndGet();
        if (knock.session().equals(GONE)) return new Verdict.Gone(new End.Stopped("ada"));
        if (!live.contains(knock.session()) || !knock.by().user().equals(ADA)) return new Verdict.Absent();
        leases.incrementAndGet();
        return new Verdict.Open(backend.endpoint(), ProxyRules.PLAIN, List.of(), new Lease() {
            @Override
            public void sawInput(long bytes) {}

            @Override
            public void connections(int change) {}

            @Override
            public boolean stillAllowed() {
                return live.contains(knock.session());
            }

            @Override
            public void close() {
                leases.decrementAndGet();
            }
        });
    }

    private final Views views = new Views() {
        @Override
        public View current() {
            return new View(version.get(), Map.of(), Map.of(), List.of());
        }

        @Override
        public Feed<View> follow() {
            throw new UnsupportedOperationException();
        }
    };

    private Talk talk(Door door, UserId user, SessionId session) throws Exception {
        return talk(door, lab.node("gateway", Lab.BOTH), user, session);
    }

    private Talk talk(Door door, Trust gateway, UserId user, SessionId session) throws Exception {
        return connect(door.address(), gateway, user, session);
    }

    private Talk connect(InetSocketAddress door, Trust gateway, UserId user, SessionId session) {
        return Talk.open(loop, door, gateway, user, session);
    }

    private Status refused(Door door, UserId user, SessionId session) {
        try {
            talk(door, user, session);
            throw new AssertionError("let in");
        } catch (Exception refused) {
            return ((Refused) refused.getCause()).status();
        }
    }

    /// @return the byte that is answered to these
    private int raw(Door door, byte[] preface) throws Exception {
        Tls tls = Tls.client(lab.node("raw", Lab.BOTH).mutual(Set.of(Role.AGENT)), Protocol.SESSION);
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        loop.execute(() -> new PeerConnection(loop, EpollSocketChannel.class, tls, Protocol.SESSION, door.address())
                .open(Verb.SESSION.answers(), new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel stream) {
                        stream.pipeline().addLast(new StreamBytes(), new ChannelInboundHandlerAdapter() {
                            @Override
                            public void channelRead(ChannelHandlerContext context, Object message) {
                                ByteBuf in = (ByteBuf) message;
                                answer.complete((int) in.readUnsignedByte());
                                in.release();
                            }

                            @Override
                            public void channelInactive(ChannelHandlerContext context) {
                                answer.completeExceptionally(new IOException("closed without an answer"));
                            }
                        });
                    }
                })
                .addListener((Future<Channel> done) -> {
                    if (!done.isSuccess()) answer.completeExceptionally(done.cause());
                    else {
                        done.getNow()
                                .write(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers()
                                        .method("CONNECT")
                                        .authority("session")));
                        done.getNow().writeAndFlush(Unpooled.wrappedBuffer(preface));
                    }
                }));
        return answer.get(20, TimeUnit.SECONDS);
    }

    private static SSLSocket dial(Door door, Trust node) throws IOException {
        SSLSocket socket = (SSLSocket) node.mutual(Set.of(Role.AGENT))
                .context()
                .getSocketFactory()
                .createSocket(door.address().getAddress(), door.address().getPort());
        socket.setSoTimeout(20_000);
        return socket;
    }
}
