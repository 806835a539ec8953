package org.carrel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.carrel.support.Needs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A stranger on the network who answers for thousands of machines that don't exist.
@Tag("slow")
@Needs(Needs.Thing.NAMESPACES)
class FakeAnnouncementsTest {
    private static final int FAKES = 3_000;
    private static final long LOG_MOST = 100_000;

    @Test
    void fakes_by_the_thousand_become_no_members_and_fill_no_log() throws Exception {
        try (Lan lan = new Lan(3, 0);
                Members members = new Members(lan, true)) {
            Process stranger = stranger(lan);
            try {
                List<MemberProcess> two = List.of(members.start(1), members.start(2));
                Members.together(two, 150);
                assertThat(stranger.waitFor()).isZero();
                Members.together(two, 60);
                for (MemberProcess member : two)
                    assertThat(member.lines()).allMatch(line -> !line.text().contains("n3="));
                for (int number = 1; number <= 2; number++)
                    assertThat(Files.size(members.directory(number).resolve("log")))
                            .as(members.logs())
                            .isLessThan(LOG_MOST);
            } finally {
                stranger.destroyForcibly();
            }
        }
    }

    private static Process stranger(Lan lan) throws Exception {
        List<String> words = new java.util.ArrayList<>(lan.within(3));
        words.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                FakeAnnouncements.class.getName(),
                lan.address(3),
                String.valueOf(FAKES)));
        return new ProcessBuilder(words).inheritIO().start();
    }
}
