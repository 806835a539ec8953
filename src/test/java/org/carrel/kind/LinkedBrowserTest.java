package org.carrel.kind;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.TimeoutError;
import com.microsoft.playwright.assertions.LocatorAssertions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.carrel.support.Needs;
import org.carrel.support.Needs.Thing;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// The page's end of a link in a real browser, with nothing but a line that can be cut between it and R.
@Tag("browser")
@Tag("slow")
@Needs({Thing.R, Thing.CHROMIUM})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LinkedBrowserTest {
    private static final int ROUNDS = Integer.getInteger("carrel.rounds", 5);
    private static final double PATIENCE = 60_000;
    private static final Path APP = Path.of("src/test/resources/link/desk");

    /// what the page's end knows of itself
    private static final String STANDING = """
            () => {
              const { dialled, carrier, away, over, sent, received } = Shiny.shinyapp.$socket.link;
              const state = (ws) => ws && ws.readyState;
              return JSON.stringify({ links, dialled: state(dialled), carrier: state(carrier), away, over, sent, received });
            }
            """;

    private Playwright playwright;
    private Browser browser;
    private Path directory;
    private LinkedApp app;
    private CuttableLine line;

    @BeforeAll
    void openBrowser() {
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(Path.of("/usr/bin/chromium"))
                        .setArgs(List.of("--no-sandbox", "--disable-gpu", "--disable-background-networking")));
    }

    @AfterAll
    void closeBrowser() {
        if (browser != null) browser.close();
        if (playwright != null) playwright.close();
    }

    @BeforeEach
    void open() throws Exception {
        directory = Files.createTempDirectory(Path.of("/tmp"), "c");
        app = new LinkedApp(directory, APP, Map.of("CARREL_LINK_WINDOW", "30"));
        line = new CuttableLine(app.socket());
    }

    @AfterEach
    void close() throws Exception {
        line.close();
        app.close();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
        }
    }

    private Page desk() throws Exception {
        Page page = browser.newPage();
        page.navigate("http://127.0.0.1:" + line.port() + "/");
        assertThat(page.locator("#page")).hasText("0", within());
        return page;
    }

    @Test
    void every_click_and_output_counts_once_through_many_cuts_in_a_burst() throws Exception {
        Random random = new Random(Long.getLong("carrel.seed", 7));
        try (Page page = desk()) {
            page.locator("#burst").click();
            int clicks = 0;
            for (int round = 0; round < ROUNDS; round++) {
                page.locator("#count").click();
                int before = states(page, "resumed");
                TimeUnit.MILLISECONDS.sleep(random.nextInt(300)); // no wait: the moment of the cut is what varies
                line.cut();
                page.locator("#count").click();
                clicks += 2;
                line.mend();
                awaitResume(page, before);
            }
            assertThat(page.locator("#page")).hasText(Integer.toString(clicks), within());
            assertThat(page.locator("#tick")).hasText("1000", within());
            assertThat(page.evaluate("() => window.ticks"))
                    .isEqualTo(IntStream.rangeClosed(0, 1000).boxed().toList());
            assertThat(page.locator("#pages")).hasText("1");
            assertThat(page.locator("#shiny-disconnected-overlay").count()).isZero();
            assertThat(states(page, "gone") + states(page, "plain")).isZero();
        }
    }

    @Test
    void a_network_that_is_gone_without_a_word_is_noticed_and_mended() throws Exception {
        try (Page page = desk()) {
            line.silence();
            page.locator("#count").click();
            await(page, "cut");
            line.cut();
            line.mend();
            await(page, "resumed");
            assertThat(page.locator("#page")).hasText("1", within());
            assertThat(page.locator("#pages")).hasText("1");
        }
    }

    @Test
    void a_look_at_the_front_that_hangs_keeps_no_page_from_dialling_again() throws Exception {
        try (Page page = desk()) {
            page.locator("#count").click();
            assertThat(page.locator("#page")).hasText("1", within());
            page.evaluate("""
                    () => {
                      const real = window.fetch;
                      window.fetch = () => { window.fetch = real; return new Promise(() => {}) };
                      Shiny.shinyapp.$socket.link.look();
                    }
                    """);
            line.cut();
            await(page, "cut");
            line.mend();
            awaitResume(page, 0);
        }
    }

    @Test
    void a_page_that_comes_too_late_is_told_and_greyed() throws Exception {
        close();
        directory = Files.createTempDirectory(Path.of("/tmp"), "c");
        app = new LinkedApp(directory, APP, Map.of("CARREL_LINK_WINDOW", "1"));
        line = new CuttableLine(app.socket());
        try (Page page = desk()) {
            page.locator("#count").click();
            assertThat(page.locator("#page")).hasText("1", within());
            line.cut();
            app.awaitLog("SESSION ENDED 1");
            assertThat(page.locator("#shiny-disconnected-overlay").count()).isZero();
            line.mend();
            await(page, "gone");
            assertThat(page.locator("#shiny-disconnected-overlay").count()).isOne();
        }
    }

    @Test
    void a_page_that_is_left_and_a_session_that_is_closed_end_at_once() throws Exception {
        try (Page page = desk()) {
            page.navigate("about:blank");
            app.awaitLog("SESSION ENDED 1");
        }
        try (Page page = desk()) {
            page.locator("#close").click();
            await(page, "gone");
            assertThat(page.locator("#shiny-disconnected-overlay").count()).isOne();
            app.awaitLog("SESSION ENDED 2");
        }
    }

    @Test
    void an_upload_that_is_cut_is_there_once() throws Exception {
        Path file = directory.resolve("upload");
        Files.write(file, new byte[20 << 20]);
        try (Page page = desk()) {
            for (int round = 1; round <= 3; round++) {
                page.locator("#file").setInputFiles(file);
                TimeUnit.MILLISECONDS.sleep(30L * round); // the moment of the cut
                line.cut();
                line.mend();
                assertThat(page.locator("#got"))
                        .hasText(java.util.regex.Pattern.compile(round + " " + (20 << 20) + " .*"), within());
            }
        }
    }

    private void awaitResume(Page page, int before) throws Exception {
        try {
            page.waitForFunction(
                    "(before) => window.links.filter((l) => l.state === 'resumed').length > before",
                    before,
                    new Page.WaitForFunctionOptions().setTimeout(PATIENCE));
        } catch (TimeoutError never) {
            throw new AssertionError(page.evaluate(STANDING) + "\n" + app.logText(), never);
        }
    }

    private static void await(Page page, String state) {
        page.waitForFunction(
                "(state) => document.documentElement.dataset.carrelLink === state",
                state,
                new Page.WaitForFunctionOptions().setTimeout(PATIENCE));
    }

    private static int states(Page page, String state) {
        return ((Number) page.evaluate("(s) => window.links.filter((l) => l.state === s).length", state)).intValue();
    }

    private static LocatorAssertions.HasTextOptions within() {
        return new LocatorAssertions.HasTextOptions().setTimeout(PATIENCE);
    }
}
