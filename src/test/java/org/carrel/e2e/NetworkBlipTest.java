package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.carrel.support.Needs;
import org.carrel.support.Needs.Thing;
import org.carrel.support.ProgramJar;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A live Shiny page through seconds in which all packets vanish and nobody says good-bye, as when a laptop changes its
/// network. `-Dcarrel.blip=60` for the long form.
@Tag("browser")
@Tag("slow")
@Needs({Thing.R, Thing.CHROMIUM, Thing.ROOT})
class NetworkBlipTest {
    private static final int SECONDS = Integer.getInteger("carrel.blip", 20);

    @TempDir
    Path directory;

    @Test
    void a_page_goes_on_where_it_was() throws Exception {
        Path said = directory.resolve("said");
        List<String> command = new ArrayList<>(
                List.of("unshare", "--net", "sh", "-c", "ip link set lo up && exec \"$@\"", "namespace"));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                ProgramJar.made(),
                "-cp",
                System.getProperty("java.class.path"),
                NetworkBlip.class.getName(),
                Integer.toString(SECONDS),
                NetworkBlip.namespace()));
        Process blip = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        boolean ended = blip.waitFor(SECONDS + 300L, TimeUnit.SECONDS);
        if (!ended) blip.destroy();
        assertThat(ended).as(Files.readString(said)).isTrue();
        assertThat(blip.exitValue()).as(Files.readString(said)).isZero();
        System.out.println(Files.readString(said));
    }
}
