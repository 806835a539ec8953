package org.carrel.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.carrel.support.Chromium;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/// The pages in a real Chromium, under the policy of production, with the stand-in behind them.
@Tag("browser")
@TestInstance(Lifecycle.PER_CLASS)
class PagesInBrowserTest {
    private static final List<String> PATHS = List.of(
            "/sign-in",
            "/",
            "/cluster",
            "/admin",
            "/wait/waitwaitwaitwait",
            "/ended",
            "/full",
            "/consent",
            "/sign-out");
    private static final String WAITING = "/api/v1/sessions/slowslowslowslow/events";
    private static final String SESSION = "/s/" + "a".repeat(16) + "/";

    private Playwright playwright;
    private Browser browser;
    private PortalStandIn portal;
    private BrowserContext context;
    private Page page;
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    @BeforeAll
    void openBrowser() {
        assumeThat(Chromium.isThere()).as("Chromium on this machine").isTrue();
        playwright = Chromium.playwright();
        browser = Chromium.launch(playwright);
    }

    @AfterAll
    void closeBrowser() {
        if (playwright != null) playwright.close();
    }

    @BeforeEach
    void openPage() throws IOException {
        portal = new PortalStandIn(0);
        context = browser.newContext(
                new Browser.NewContextOptions().setViewportSize(1280, 800).setLocale("en-GB"));
        page = context.newPage();
        complaints.clear();
        page.onPageError(complaints::add);
        page.onConsoleMessage(it -> {
            // a page that comes with status 410 or 503 is logged by the browser itself
            if (it.type().equals("error") && !it.text().startsWith("Failed to load resource"))
                complaints.add(it.text());
        });
        context.onRequestFailed(it -> {
            if (it.url().contains("/web/")) complaints.add("not loaded: " + it.url());
        });
    }

    @AfterEach
    void closePage() {
        context.close();
        portal.close();
        assertThat(complaints).as("console").isEmpty();
    }

    @Test
    void the_keyboard_alone_signs_in_finds_an_app_and_starts_it() {
        page.navigate(portal.url("/sign-in"));
        assertThat(page.locator("#user")).isFocused();
        page.keyboard().type("ada");
        page.keyboard().press("Tab");
        page.keyboard().type("wrong");
        page.keyboard().press("Enter");
        assertThat(page.getByRole(com.microsoft.playwright.options.AriaRole.ALERT))
                .hasText("That name and password don't belong together.");
        assertThat(page.locator("#user")).hasValue("ada");
        assertThat(page.locator("#password")).isFocused();
        page.keyboard().type("reading");
        page.keyboard().press("Enter");
        assertThat(page.locator(".app h3").first()).hasText("Old Faithful");
        page.keyboard().press("/");
        assertThat(page.locator("#search")).isFocused();
        page.keyboard().type("histogram");
        assertThat(page.locator(".app")).hasCount(1);
        page.keyboard().press("Enter");
        assertThat(page.locator("h1")).hasText("Starting Old Faithful");
    }

    @Test
    void the_waiting_page_shows_true_stages_and_moves_on() {
        page.navigate(portal.url("/app/faithful"));
        await(() -> portal.listeners(WAITING) > 0);
        portal.progress("queued", 1, null, null);
        assertThat(page.locator("[aria-current=step]")).hasText("Waiting in line: 1 start comes first");
        portal.progress("answering", 0, null, null);
        assertThat(page.locator("[aria-current=step]")).hasText("Waiting for its first answer");
        portal.emit(WAITING, "session", portal.samples.sessions().getFirst());
        page.waitForURL("**" + SESSION);
    }

    @Test
    void a_start_that_fails_shows_its_cause_its_last_lines_and_the_way_on() {
        page.navigate(portal.url("/app/faithful"));
        await(() -> portal.listeners(WAITING) > 0);
        portal.progress("failed", 0, "the program ended with status 1", List.of("no package called <b>sf</b>"));
        assertThat(page.locator("h1")).hasText("Old Faithful did not start");
        assertThat(page.locator(".cause")).hasText("the program ended with status 1");
        assertThat(page.locator("pre.log")).hasText("no package called <b>sf</b>");
        assertThat(page.locator("a.primary")).hasAttribute("href", "/app/faithful");
    }

    @Test
    void a_stop_is_asked_for_once_more_and_carries_the_token() {
        page.navigate(portal.url("/"));
        page.getByLabel("Stop: Old Faithful").click();
        page.keyboard().press("Escape");
        assertThat(page.locator("dialog")).hasCount(0);
        assertThat(page.getByLabel("Stop: Old Faithful")).isFocused();
        assertThat(portal.unsafeCalls).isEmpty();
        page.getByLabel("Stop: Old Faithful").click();
        page.locator("dialog .danger").click();
        await(() -> !portal.unsafeCalls.isEmpty());
        assertThat(portal.unsafeCalls).containsExactly("DELETE /api/v1/sessions/" + "a".repeat(16) + " sample-token");
    }

    @Test
    void an_app_that_cannot_be_started_says_why_and_offers_no_button() {
        page.navigate(portal.url("/"));
        assertThat(page.locator(".shut .obstacle")).containsText("R package sf is missing on n1");
        assertThat(page.locator(".shut a, .shut button")).hasCount(0);
    }

    @Test
    void a_live_event_changes_a_card_without_taking_the_focus() {
        page.navigate(portal.url("/"));
        page.getByLabel("Open: Old Faithful").focus();
        await(() -> portal.listeners("/api/v1/events") > 0);
        portal.samples.anySession = false;
        portal.emit("/api/v1/events", "gone", "{\"id\":\"" + "b".repeat(16) + "\"}");
        assertThat(page.locator(".session h3")
                        .filter(new com.microsoft.playwright.Locator.FilterOptions().setHasText("thesis")))
                .hasCount(0);
        assertThat(page.getByLabel("Open: Old Faithful")).isFocused();
    }

    @Test
    void every_page_fits_a_phone_in_every_language() {
        page.setViewportSize(360, 740);
        for (String language : List.of("en", "fr")) {
            portal.language = language;
            for (String path : PATHS) {
                open(path);
                assertThat((int) page.evaluate("document.documentElement.scrollWidth"))
                        .as("%s in %s", path, language)
                        .isLessThanOrEqualTo(360);
            }
        }
    }

    @Test
    void every_control_has_a_name_every_page_one_heading_and_every_id_is_there_once() {
        for (String path : PATHS) {
            open(path);
            assertThat((List<?>) page.evaluate(NAMELESS)).as(path).isEmpty();
            assertThat(page.locator("h1")).hasCount(1);
            assertThat((List<?>) page.evaluate(TWICE)).as(path).isEmpty();
        }
    }

    @Test
    void the_bar_keeps_a_session_running_and_leaves_the_page_alone() {
        portal.besideState = portal.samples.beside("ready", Duration.ofMinutes(4));
        page.navigate(portal.url(SESSION));
        page.waitForFunction("document.querySelector('carrel-bar')?.hidden === false");
        assertThat((String) page.evaluate("[...document.body.children].map((it) => it.localName).join()"))
                .isEqualTo("h1,label,p");
        assertThat((Object) page.evaluate("document.querySelector('carrel-bar').shadowRoot"))
                .isNull();
        // the app's slider, then in the bar: portal, keep
        for (int i = 0; i < 3; i++) page.keyboard().press("Tab");
        page.keyboard().press("Enter");
        await(() -> !portal.unsafeCalls.isEmpty());
        assertThat(portal.unsafeCalls).containsExactly("POST " + SESSION + ".carrel/extend bar");
    }

    @Test
    void the_bar_offers_to_start_again_when_the_session_has_ended() {
        page.navigate(portal.url(SESSION));
        String events = SESSION + ".carrel/events";
        await(() -> portal.listeners(events) > 0);
        portal.emit(events, "state", portal.samples.beside("ended", null));
        // closed to scripts, but the keyboard reaches it: first in the card is "Start again"
        page.waitForFunction("document.elementFromPoint(640, 20)?.localName === 'carrel-bar'");
        page.locator("input").focus();
        page.keyboard().press("Tab");
        page.keyboard().press("Enter");
        page.waitForURL("**/wait/**");
    }

    @Test
    void the_administrator_sees_what_needs_attention_and_what_to_do() {
        open("/admin");
        assertThat(page.locator(".attention h2")).hasText("Needs attention");
        assertThat(page.locator(".troubles li")).hasCount(2);
        assertThat(page.locator(".troubles li").first())
                .containsText("Users file n1 /etc/carrel/users:7: the password must be hashed");
        assertThat(page.locator(".troubles li").last().locator(".hint")).containsText("kill 4711");
        portal.samples.troubles = List.of();
        open("/admin");
        assertThat(page.locator(".attention")).isHidden();
    }

    private void open(String path) {
        page.navigate(portal.url(path));
        page.waitForSelector("main > *");
        if (path.equals("/")) page.waitForSelector(".session-acts");
        if (path.equals("/admin")) page.waitForSelector("tbody tr");
        if (path.equals("/cluster")) page.waitForSelector(".nodes li");
    }

    /// Waits by asking the page's own clock, so that the browser's events are handled meanwhile.
    private void await(BooleanSupplier condition) {
        page.waitForCondition(condition);
    }

    private static final String NAMELESS = """
            [...document.querySelectorAll("a, button, input:not([type=hidden]), select, meter, progress, dialog")]
              .filter((it) => !(it.getAttribute("aria-label") || it.textContent.trim() || it.labels?.length ||
                document.getElementById(it.getAttribute("aria-labelledby"))))
              .map((it) => it.outerHTML)
            """;
    private static final String TWICE = """
            [...document.querySelectorAll("[id]")].map((it) => it.id).filter((id, at, all) => all.indexOf(id) !== at)
            """;
}
