package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.carrel.support.Chromium;
import org.carrel.support.Needs;
import org.carrel.support.Needs.Thing;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// A page that polls for events as RStudio's does, through the death of Carrel and through `carrel upgrade`: by its own
/// trying again it gets what its session printed meanwhile. Its other end is `RStudioDouble`, not RStudio.
///
/// Two things are the real page's own, and no gateway can mend them. It rests after six tries, some 3 s, until its user
/// does something; so does the user of this test, where Carrel took longer to be back. And it begins at -1 after a
/// failure, so that what it had just heard and not yet acknowledged comes again: a few milliseconds after each answer,
/// outside of which this test kills.
@Tag("browser")
@Tag("slow")
@Needs(Thing.CHROMIUM)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RStudioPageTest {
    private static final double SLOW = 60_000;
    private static final int LINES = 200;
    private static final String KNOCK = """
            () => {
              window.knocks = {};
              window.knocking = setInterval(async () => {
                let what = 'nobody there';
                try {
                  const answer = await fetch('rpc/ping', { method: 'POST', body: '{}', redirect: 'manual' });
                  what = answer.type === 'opaqueredirect' ? 'redirect'
                      : answer.status + ' ' + answer.headers.get('Content-Type');
                } catch { }
                knocks[what] = (knocks[what] || 0) + 1;
              }, 25);
            }""";

    private Path program;
    private RunningCarrel carrel;
    private Playwright playwright;
    private Browser browser;

    @BeforeAll
    void open() throws Exception {
        program = doubleForEverybody();
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        carrel = RunningCarrel.up("apps:\n  rstudio: {kind: web, command: [%s, -Xmx64m, -cp, %s, %s, \"{port}\"]}\n"
                .formatted(java, program, RStudioDouble.class.getName()));
        playwright = Chromium.playwright();
        browser = Chromium.launch(playwright);
    }

    @AfterAll
    void close() throws Exception {
        if (browser != null) browser.close();
        if (playwright != null) playwright.close();
        if (carrel != null) carrel.close();
        try (Stream<Path> all = Files.walk(program)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
        }
    }

    @Test
    void what_was_printed_while_carrel_was_dead_arrives_once_and_in_order() throws Exception {
        JsonNode session = carrel.start("ada", "rstudio", "default");
        try (Page page = desk("ada", session)) {
            type(page, "say 100000 20 1000");
            await(page, "desk.lines.length >= 40");
            page.evaluate(KNOCK);
            await(page, "desk.polling() > 100");
            long killed = System.nanoTime();
            carrel.kill9();
            int seen = lines(page).size();
            carrel.startAgain();
            long back = (System.nanoTime() - killed) / 1_000_000;
            await(page, "desk.gaveUp > 0 || desk.lines.length > " + seen);
            boolean gaveUp = page.evaluate("() => desk.gaveUp > 0").equals(true);
            if (gaveUp) type(page, "");
            await(page, "desk.lines.length >= " + Math.max(LINES, seen + 50));
            await(page, "knocks['200 application/json'] > 0");
            page.evaluate("() => clearInterval(window.knocking)");
            List<?> lines = lines(page);
            try {
                assertThat(lines).isEqualTo(oneTo(lines.size()));
                assertThat(page.evaluate("() => desk.again")).isEqualTo(0);
                assertThat(page.evaluate("() => desk.state")).isEqualTo("working");
                assertThat(page.evaluate("() => desk.failures.length"))
                        .as("the page was cut")
                        .isNotEqualTo(0);
                assertThat(page.evaluate("() => desk.failures.filter((f) => f.code !== 'transmission')"))
                        .as("what a page doesn't try again after")
                        .isEqualTo(List.of());
                assertThat(((Map<?, ?>) page.evaluate("() => knocks")).keySet())
                        .as("answers to a page while Carrel was gone and coming")
                        .allMatch(what -> what.equals("nobody there")
                                || what.equals("200 application/json")
                                || what.toString().startsWith("5"));
            } catch (AssertionError failure) {
                throw carrel.explained(failure);
            }
            System.out.printf(
                    "rstudio: carrel was back after %d ms, the page %s; its failures %s; other requests %s%n",
                    back,
                    gaveUp ? "had given up" : "came by itself",
                    page.evaluate("() => desk.failures.map((f) => f.status).join(' ')"),
                    page.evaluate("() => JSON.stringify(knocks)"));
        }
        assertThat(pid("ada", session)).isEqualTo(session.get("pid").asLong());
    }

    @Test
    void an_upgrade_is_nothing_the_page_notices() throws Exception {
        JsonNode session = carrel.start("ben", "rstudio", "default");
        try (Page page = desk("ben", session)) {
            type(page, "say 100000 1 50");
            await(page, "desk.lines.length >= 20");
            carrel.upgrade();
            int then = lines(page).size();
            await(page, "desk.lines.length >= " + (then + 20));
            List<?> lines = lines(page);
            try {
                assertThat(lines).isEqualTo(oneTo(lines.size()));
                assertThat(page.evaluate("() => desk.failures")).isEqualTo(List.of());
            } catch (AssertionError failure) {
                throw carrel.explained(failure);
            }
        }
        assertThat(pid("ben", session)).isEqualTo(session.get("pid").asLong());
    }

    /// Where each session's user may read it.
    private static Path doubleForEverybody() throws IOException {
        Path directory = Files.createTempDirectory(Path.of("/tmp"), "cr");
        Path from = Path.of("target", "test-classes");
        try (Stream<Path> all = Stream.concat(
                Files.walk(from.resolve("rstudio")).filter(Files::isRegularFile),
                Files.list(from.resolve("org/carrel/e2e"))
                        .filter(file -> file.getFileName().toString().matches("RStudio(Double|Events).*\\.class")))) {
            for (Path file : (Iterable<Path>) all::iterator) {
                Path copy = directory.resolve(from.relativize(file));
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : (Iterable<Path>) all::iterator)
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return directory;
    }

    private Page desk(String user, JsonNode session) {
        Page page = browser.newPage();
        page.setDefaultTimeout(SLOW);
        Visit.signIn(page, carrel, user);
        page.navigate(session.get("url").asText());
        await(page, "window.desk && desk.state === 'working'");
        return page;
    }

    private static void type(Page page, String input) {
        page.locator("#input").fill(input);
        page.locator("#input").press("Enter");
    }

    private static void await(Page page, String condition) {
        page.waitForFunction("() => " + condition, null, new Page.WaitForFunctionOptions().setTimeout(SLOW));
    }

    private static List<?> lines(Page page) {
        return (List<?>) page.evaluate("() => desk.lines");
    }

    private static List<Integer> oneTo(int last) {
        return IntStream.rangeClosed(1, last).boxed().toList();
    }

    private long pid(String user, JsonNode session) throws Exception {
        return carrel.get(user, "/api/v1/sessions/" + session.get("id").asText())
                .get("pid")
                .asLong();
    }
}
