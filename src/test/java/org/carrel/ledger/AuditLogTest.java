package org.carrel.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.carrel.api.Json;
import org.carrel.port.Audit.Entry;
import org.carrel.port.Audit.What;
import org.carrel.support.Await;
import org.carrel.support.TestClock;
import org.carrel.support.TestRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {
    @TempDir
    Path state;

    private final TestClock clock = new TestClock();

    private Path directory() {
        return state.resolve("audit");
    }

    private List<String> lines() throws IOException {
        return Files.readAllLines(directory().resolve(AuditFile.NAME));
    }

    private static Entry entry(String who) {
        return Entry.of(What.SIGN_IN, who, Entry.OK);
    }

    private AuditLog small(long bytes) throws IOException {
        return AuditLog.open(AuditFile.open(directory(), bytes), clock);
    }

    @Test
    void an_entry_is_a_line_of_json_with_time_who_what_from_where_and_request() throws Exception {
        try (AuditLog audit = AuditLog.open(directory(), clock)) {
            TestRequest request = TestRequest.get("/");
            audit.note(Entry.of(What.TOKEN_MADE, "ada", Entry.OK)
                    .with("token", "t1")
                    .asked(request));
            Await.until("it is written", () -> audit.written() == 1);
            JsonNode line = Json.readTree(lines().getFirst().getBytes(StandardCharsets.UTF_8));
            assertThat(line.get("time").asText()).isEqualTo(clock.instant().toString());
            assertThat(line.get("what").asText()).isEqualTo("token-made");
            assertThat(line.get("who").asText()).isEqualTo("ada");
            assertThat(line.get("outcome").asText()).isEqualTo("ok");
            assertThat(line.get("token").asText()).isEqualTo("t1");
            assertThat(line.get("from").asText()).isEqualTo(request.remote().getHostAddress());
            assertThat(line.get("request").asText()).isEqualTo(request.id().value());
        }
    }

    @Test
    void nobody_else_may_read_it() throws Exception {
        try (AuditLog audit = AuditLog.open(directory(), clock)) {
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(directory().resolve(AuditFile.NAME))))
                    .isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory())))
                    .isEqualTo("rwx------");
            assertThat(audit.lost()).isZero();
        }
    }

    @Test
    void what_was_noted_before_the_end_is_there_after_it_and_the_next_start_goes_on_behind() throws Exception {
        try (AuditLog audit = AuditLog.open(directory(), clock)) {
            for (int i = 0; i < 500; i++) audit.note(entry("user" + i));
        }
        try (AuditLog audit = AuditLog.open(directory(), clock)) {
            audit.note(entry("later"));
        }
        assertThat(lines()).hasSize(501);
        assertThat(lines().getLast()).contains("later");
    }

    @Test
    void half_a_line_left_by_a_crash_spoils_no_other() throws Exception {
        Files.createDirectories(directory());
        Files.writeString(directory().resolve(AuditFile.NAME), "{\"time\":\"20", StandardOpenOption.CREATE);
        try (AuditLog audit = AuditLog.open(directory(), clock)) {
            audit.note(entry("ada"));
        }
        assertThat(lines()).hasSize(2);
        assertThat(Json.readTree(lines().getLast().getBytes(StandardCharsets.UTF_8))
                        .get("who")
                        .asText())
                .isEqualTo("ada");
    }

    @Test
    void it_begins_anew_when_it_is_long_and_keeps_ten_files_in_all() throws Exception {
        try (AuditLog audit = small(300)) {
            for (int i = 0; i < 100; i++) audit.note(entry("user" + i));
        }
        try (var files = Files.list(directory())) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1 + AuditFile.KEPT);
            for (Path file : all) assertThat(Files.size(file)).isLessThanOrEqualTo(300);
        }
        assertThat(lines().getLast()).contains("user99");
    }

    @Test
    void texts_are_cut_and_can_not_break_a_line() throws Exception {
        try (AuditLog audit = AuditLog.open(directory(), clock)) {
            audit.note(Entry.of(What.SESSION_ENDED, "", "a\nb\"" + "x".repeat(10_000)));
        }
        assertThat(lines()).hasSize(1);
        assertThat(lines().getFirst()).hasSizeLessThan(AuditLog.TEXT_MOST + 200);
    }

    @Test
    void a_full_disk_stops_nobody_and_is_counted() throws Exception {
        Files.createDirectories(directory());
        Files.createSymbolicLink(directory().resolve(AuditFile.NAME), Path.of("/dev/full"));
        try (AuditLog audit = AuditLog.open(directory(), clock)) {
            audit.note(entry("ada"));
            audit.note(entry("ben"));
            Await.until("both are counted", () -> audit.lost() == 2);
            assertThat(audit.written()).isZero();
        }
    }
}
