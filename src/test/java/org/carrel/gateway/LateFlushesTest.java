package org.carrel.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class LateFlushesTest {
    private final Queue<Runnable> loop = new ArrayDeque<>();
    private final LateFlushes flushes = new LateFlushes(loop::add);

    @Test
    void oneTaskForABatch() {
        EmbeddedChannel one = written();
        EmbeddedChannel other = written();
        flushes.add(one);
        flushes.add(other);
        flushes.add(one);

        assertThat(loop).hasSize(1);
        assertThat(one.outboundMessages()).isEmpty();
        loop.remove().run();

        assertThat(one.outboundMessages()).hasSize(1);
        assertThat(other.outboundMessages()).hasSize(1);
    }

    @Test
    void theNextBatchHasItsOwn() {
        flushes.add(written());
        loop.remove().run();
        EmbeddedChannel next = written();
        flushes.add(next);

        loop.remove().run();

        assertThat(next.outboundMessages()).hasSize(1);
    }

    @Test
    void aFlushMayAddAnother() {
        EmbeddedChannel second = written();
        EmbeddedChannel first = new EmbeddedChannel() {
            @Override
            public EmbeddedChannel flush() {
                flushes.add(second);
                return this;
            }
        };
        flushes.add(first);

        loop.remove().run();

        assertThat(second.outboundMessages()).hasSize(1);
        assertThat(loop).isEmpty();
    }

    private static EmbeddedChannel written() {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.write(Unpooled.wrappedBuffer(new byte[] {1}));
        return channel;
    }
}
