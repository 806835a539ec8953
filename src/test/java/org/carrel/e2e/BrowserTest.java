package org.carrel.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.carrel.support.Needs;
import org.carrel.support.Needs.Thing;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What a visitor does in the first five minutes, in a real browser, on real R.
@Tag("browser")
@Needs({Thing.R, Thing.CHROMIUM})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrowserTest {
    private static final double SLOW = 60_000;

    private DemoInBrowser demo;
    private RunningCarrel carrel;

    @BeforeAll
    void open() throws Exception {
        demo = new DemoInBrowser();
        carrel = demo.carrel;
    }

    @AfterAll
    void close() throws Exception {
        if (demo != null) demo.close();
    }

    @Test
    void old_faithful_from_sign_in_to_sign_out() {
        try (BrowserContext context = demo.newVisitor()) {
            Page page = context.newPage();
            List<String> complaints = listen(page);
            Visit.signIn(page, carrel, "ada");
            page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(Pattern.compile("Old Faithful")))
                    .first()
                    .click();
            Locator plot = page.locator("#plot img, #distPlot img, .shiny-plot-output img")
                    .first();
            assertThat(plot).isVisible(visibleWithin());
            assertThat(page).hasURL(Pattern.compile("http://[a-z2-7]{16}\\.localhost:" + carrel.port + "/.*"));

            String before = plot.getAttribute("src");
            page.locator(".irs-handle").first().click();
            page.keyboard().press("ArrowRight");
            assertThat(plot).not().hasAttribute("src", before, attributeWithin());

            String address = page.url();
            page.reload();
            assertThat(plot).isVisible(visibleWithin());
            assertThat(page.url()).isEqualTo(address);

            try (BrowserContext other = demo.newVisitor()) {
                Page stranger = other.newPage();
                Visit.signIn(stranger, carrel, "ben");
                Response answer = stranger.navigate(address);
                assertThat(answer.status()).isEqualTo(404);
                assertThat(stranger.locator(".shiny-plot-output").count()).isZero();
            }

            page.navigate(carrel.portal() + "/");
            page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(Pattern.compile("Sign out")))
                    .first()
                    .click();
            page.waitForURL(Pattern.compile(".*/sign-in.*"));
            page.navigate(address);
            assertThat(page).hasURL(Pattern.compile(".*/sign-in.*"));
            assertThat(complaints).isEmpty();
        }
    }

    @Test
    void a_wrong_password_gets_a_message_and_no_session() {
        try (BrowserContext context = demo.newVisitor()) {
            Page page = context.newPage();
            page.navigate(carrel.portal() + "/sign-in");
            page.locator("input[name=user]").fill("ada");
            page.locator("input[name=password]").fill("not this");
            page.keyboard().press("Enter");
            assertThat(page.getByRole(AriaRole.ALERT).first()).isVisible();
            page.navigate(carrel.portal() + "/");
            page.waitForURL(Pattern.compile(".*/sign-in.*"));
        }
    }

    @Test
    void hello_shows_who_counts_and_echoes_over_a_websocket() {
        try (BrowserContext context = demo.newVisitor()) {
            Page page = context.newPage();
            List<String> complaints = listen(page);
            Visit.signIn(page, carrel, "ben");
            page.navigate(carrel.portal() + "/app/hello");
            assertThat(page.locator("#user")).hasText("ben", textWithin());
            page.locator("#add").click();
            assertThat(page.locator("#count")).hasText("1", textWithin());
            page.locator("#say").fill("a desk of my own");
            page.locator("#form button").click();
            assertThat(page.locator("#heard")).hasText("a desk of my own", textWithin());
            assertThat(page.locator("#tick")).hasText(Pattern.compile("[1-9]\\d*"), textWithin());
            assertThat(complaints).isEmpty();
        }
    }

    /// Collects errors of the page's console. Files that an app itself lacks are the app's business: Debian's shiny
    /// asks for one of its
    /// own scripts in vain, and no Shiny app has an icon.
    private static List<String> listen(Page page) {
        List<String> complaints = new ArrayList<>();
        page.onConsoleMessage((ConsoleMessage message) -> {
            boolean lacks =
                    message.location().contains(".localhost:") && message.text().contains("404");
            if (message.type().equals("error") && !lacks) complaints.add(message.text() + " at " + message.location());
        });
        page.onPageError(complaints::add);
        return complaints;
    }

    private static LocatorAssertions.IsVisibleOptions visibleWithin() {
        return new LocatorAssertions.IsVisibleOptions().setTimeout(SLOW);
    }

    private static LocatorAssertions.HasTextOptions textWithin() {
        return new LocatorAssertions.HasTextOptions().setTimeout(SLOW);
    }

    private static LocatorAssertions.HasAttributeOptions attributeWithin() {
        return new LocatorAssertions.HasAttributeOptions().setTimeout(SLOW);
    }
}
