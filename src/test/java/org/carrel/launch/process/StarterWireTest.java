package org.carrel.launch.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.UserId;
import org.carrel.launch.Launcher.Activity;
import org.carrel.launch.Launcher.Signal;
import org.carrel.launch.Launcher.Usage;
import org.carrel.launch.process.Box.Owner;
import org.carrel.launch.process.StarterWords.Ask;
import org.carrel.launch.process.StarterWords.Setting;
import org.carrel.launch.process.StarterWords.Told;
import org.junit.jupiter.api.Test;

class StarterWireTest {
    private static final SessionId ID = new SessionId("aaaaaaaaaaaaaaaa");
    private static final UserId ADA = new UserId("ada");
    private static final Identity IDENTITY = new Identity(ID, 4242, 987_654_321L, "a-boot-id", 70_000);
    private static final RSession R = new RSession(4243, 987_654_322L, "a-boot-id", 1001);
    private static final Job JOB = new Job(
            ID,
            ADA,
            List.of("/usr/bin/R", "-e", "print(\"\u00e4\u20ac\ud83d\ude00\")", ""),
            Map.of("LANG", "C.UTF-8", "EMPTY", ""),
            "/srv/apps/hello",
            Map.of("app.R", "shiny::runApp()\n", "x", ""),
            new Resources(1500, 1L << 33),
            true);

    private static final List<Ask> ASKS = List.of(
            new Ask.Start(JOB),
            new Ask.Send(Signal.KILL, IDENTITY),
            new Ask.Settle(IDENTITY),
            new Ask.Measure(IDENTITY),
            new Ask.Scan(),
            new Ask.Clean(IDENTITY),
            new Ask.Forget(ID),
            new Ask.Pack(ADA),
            new Ask.Unpack(ADA),
            new Ask.SetAside(ADA),
            new Ask.RSessions(),
            new Ask.MeasureR(R),
            new Ask.SendR(Signal.USR2, R));

    private static final List<Told> TOLD = List.of(
            new Told.Done(),
            new Told.Began(IDENTITY),
            new Told.Used(new Usage(Long.MAX_VALUE, 1L << 40, 17)),
            new Told.Found(List.of()),
            new Told.Found(List.of(IDENTITY, IDENTITY)),
            new Told.FoundR(List.of()),
            new Told.FoundR(List.of(R, R)),
            new Told.UsedR(new RSession.Use(new Usage(1, 2, 3), Optional.empty())),
            new Told.UsedR(new RSession.Use(
                    new Usage(0, 0, 1), Optional.of(new Activity(false, Optional.empty(), Optional.empty())))),
            new Told.UsedR(new RSession.Use(
                    new Usage(0, 0, 1),
                    Optional.of(new Activity(true, Optional.of(Instant.ofEpochMilli(1)), Optional.of("~/wörk"))))),
            new Told.Refused("no such program: R"),
            new Told.Failed(""));

    @Test
    void every_word_arrives_as_it_was_said() throws Exception {
        for (Ask ask : ASKS)
            assertThat(StarterWire.asked(ByteBuffer.wrap(StarterWire.asking(ask))))
                    .isEqualTo(ask);
        for (Told told : TOLD)
            assertThat(StarterWire.told(ByteBuffer.wrap(StarterWire.telling(told))))
                    .isEqualTo(told);
        assertThat(ASKS).extracting(Object::getClass).doesNotHaveDuplicates().hasSize(kinds(Ask.class));
        assertThat(TOLD).extracting(Object::getClass).hasSizeGreaterThanOrEqualTo(kinds(Told.class));
    }

    private static int kinds(Class<?> sealed) {
        return sealed.getPermittedSubclasses().length;
    }

    @Test
    void a_setting_arrives_and_what_stands_behind_it_is_left_there() throws Exception {
        Setting setting = new Setting("/b", "/h", "/r", "/u", "/s", new Owner(69_999, 69_998));
        ByteArrayOutputStream pipe = new ByteArrayOutputStream();
        StarterWire.set(pipe, setting);
        pipe.write(7);
        ByteArrayInputStream end = new ByteArrayInputStream(pipe.toByteArray());
        assertThat(StarterWire.set(end)).contains(setting);
        assertThat(end.read()).isEqualTo(7);
        assertThat(StarterWire.set(end)).isEqualTo(Optional.empty());
    }

    @Test
    void nothing_is_understood_that_is_cut_or_goes_on() throws Exception {
        for (byte[] message : messages()) {
            for (int length = 0; length < message.length; length++) {
                byte[] cut = Arrays.copyOf(message, length);
                assertThatThrownBy(() -> StarterWire.asked(ByteBuffer.wrap(cut)))
                        .isInstanceOf(IOException.class);
            }
            byte[] longer = Arrays.copyOf(message, message.length + 1);
            assertThatThrownBy(() -> StarterWire.asked(ByteBuffer.wrap(longer))).isInstanceOf(IOException.class);
        }
    }

    /// What is no message is said to be none by an exception that both sides expect, whatever it claims to hold.
    @Test
    void whatever_the_bytes_are_they_are_understood_or_refused() throws Exception {
        Random random = new Random(20_261_123);
        int refused = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes;
            if (round % 2 == 0) {
                bytes = new byte[random.nextInt(200)];
                random.nextBytes(bytes);
            } else {
                bytes = messages().get(random.nextInt(ASKS.size())).clone();
                for (int changes = random.nextInt(4); changes >= 0; changes--)
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                Ask ask = StarterWire.asked(ByteBuffer.wrap(bytes));
                assertThat(StarterWire.asked(ByteBuffer.wrap(StarterWire.asking(ask))))
                        .isEqualTo(ask);
            } catch (IOException | IllegalArgumentException expected) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(10_000);
    }

    @Test
    void a_list_is_not_believed_to_be_longer_than_what_came() {
        byte[] found = {3, 0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff};
        assertThatThrownBy(() -> StarterWire.told(ByteBuffer.wrap(found))).hasMessageContaining("a list of 2147483647");
        byte[] text = {6, 0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff};
        assertThatThrownBy(() -> StarterWire.asked(ByteBuffer.wrap(text))).hasMessageContaining("a text of 2147483647");
    }

    private static List<byte[]> messages() throws IOException {
        List<byte[]> all = new ArrayList<>();
        for (Ask ask : ASKS) all.add(StarterWire.asking(ask));
        return all;
    }
}
