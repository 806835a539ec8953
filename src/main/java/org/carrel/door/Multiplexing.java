package org.carrel.door;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Many streams over one connection between two nodes. Source: RFC 9113.
///
/// Each stream has a window of its own, which is how much may lie unread at the other end; the connection's window is
/// given back at once, so that a reader who stands still holds up nobody else. What may lie about is then bounded by
/// streams times window.
final class Multiplexing {
    private static final Logger log = LoggerFactory.getLogger(Multiplexing.class);
    /// bytes of one stream that may lie unread
    static final int STREAM_WINDOW = 256 * 1024;
    /// streams of one connection at once
    static final int STREAMS_MOST = 20_000;

    private static final int CONNECTION_WINDOW = 16 << 20;
    private static final int HEADERS_MOST = 8 * 1024;
    /// A reset is how an unused connection is closed; peers are proved, so the limit is for one that is broken.
    private static final int RESETS_MOST = 50_000;

    private static final int EMPTY_MOST = 16;
    private static final int RESETS_SECONDS = 10;

    private Multiplexing() {}

    /// @param streams what is put on each stream that the other side opens
    static void server(Channel channel, ChannelHandler streams) throws Http2Exception {
        install(channel, Http2FrameCodecBuilder.forServer(), streams);
    }

    static void client(Channel channel, ChannelHandler streams) throws Http2Exception {
        install(channel, Http2FrameCodecBuilder.forClient(), streams);
    }

    private static void install(Channel channel, Http2FrameCodecBuilder builder, ChannelHandler streams)
            throws Http2Exception {
        Http2Settings settings = Http2Settings.defaultSettings()
                .initialWindowSize(STREAM_WINDOW)
                .maxConcurrentStreams(STREAMS_MOST)
                .maxHeaderListSize(HEADERS_MOST);
        Http2FrameCodec codec = builder.initialSettings(settings)
                .decoderEnforceMaxRstFramesPerWindow(RESETS_MOST, RESETS_SECONDS)
                .encoderEnforceMaxRstFramesPerWindow(RESETS_MOST, RESETS_SECONDS)
                .decoderEnforceMaxConsecutiveEmptyDataFrames(EMPTY_MOST)
                .gracefulShutdownTimeoutMillis(0)
                .build();
        Http2Connection connection = codec.connection();
        var windows = new DefaultHttp2LocalFlowController(connection, 0.5f, true);
        connection.local().flowController(windows.frameWriter(codec.encoder().frameWriter()));
        channel.pipeline().addLast(codec);
        windows.incrementWindowSize(connection.connectionStream(), CONNECTION_WINDOW);
        channel.pipeline().addLast(new Http2MultiplexHandler(streams), new Broken());
        channel.flush();
    }

    /// What isn't frames, or breaks their rules, ends its connection and nothing else.
    private static final class Broken extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            log.info(
                    "connection between nodes broken peer={} cause=\"{}\"",
                    context.channel().remoteAddress(),
                    cause.toString());
            context.close();
        }
    }
}
