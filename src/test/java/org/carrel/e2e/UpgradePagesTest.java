package org.carrel.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.carrel.support.Chromium;
import org.carrel.support.Needs;
import org.carrel.support.Needs.Thing;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Live Shiny pages in a real browser through `carrel upgrade`, with traffic beside them: none is greyed, no click is
/// lost or counted twice, no R process changes, nobody is refused or reset.
/// `-Dcarrel.pages=50 -Dcarrel.rounds=20` runs the long form; CI runs a short one.
@Tag("browser")
@Tag("slow")
@Needs({Thing.R, Thing.CHROMIUM})
class UpgradePagesTest {
    private static final int ROUNDS = Integer.getInteger("carrel.rounds", 2);
    private static final int PAGES = Integer.getInteger("carrel.pages", 8);
    private static final int PAGES_OF_A_SESSION = 5;
    private static final int CLIENTS = 4;
    private static final double SLOW = 60_000;

    @Test
    void pages_go_on_through_upgrades() throws Exception {
        try (RunningCarrel carrel = RunningCarrel.demo();
                Playwright playwright = Chromium.playwright();
                Browser browser = Chromium.launch(playwright);
                BrowserContext context = browser.newContext()) {
            context.setDefaultTimeout(SLOW);
            Map<String, Long> processes = new HashMap<>();
            List<Page> pages = open(carrel, context, processes);
            AtomicBoolean over = new AtomicBoolean();
            List<SteadyUse> uses = uses(carrel, over);
            try {
                for (int round = 1; round <= ROUNDS; round++) {
                    click(pages);
                    carrel.upgrade();
                    click(pages);
                    for (SteadyUse use : uses) use.awaitMore();
                    for (Page page : pages) look(page, 2 * round);
                    assertThat(processes).isEqualTo(processes(carrel));
                }
                over.set(true);
                for (SteadyUse use : uses) use.join();
                assertThat(uses).allSatisfy(use -> assertThat(use.troubles()).isEmpty());
            } catch (AssertionError failure) {
                throw carrel.explained(failure);
            }
            System.out.println("upgrades=" + ROUNDS + " pages=" + pages.size() + " sessions=" + processes.size()
                    + ": none greyed, none lost");
        }
    }

    private static List<Page> open(RunningCarrel carrel, BrowserContext context, Map<String, Long> processes)
            throws Exception {
        TestApp.drop(carrel, "link/desk");
        Page first = context.newPage();
        Visit.signIn(first, carrel, "ada");
        List<Page> pages = new ArrayList<>();
        String address = "";
        for (int i = 0; i < PAGES; i++) {
            if (i % PAGES_OF_A_SESSION == 0) {
                JsonNode session = carrel.start("ada", "desk", "s" + i / PAGES_OF_A_SESSION);
                processes.put(session.get("id").asText(), session.get("pid").asLong());
                address = session.get("url").asText();
            }
            Page page = context.newPage();
            page.navigate(address);
            assertThat(page.locator("#page")).hasText("0", within());
            pages.add(page);
        }
        return pages;
    }

    private static List<SteadyUse> uses(RunningCarrel carrel, AtomicBoolean over) throws Exception {
        String id = carrel.start("ben", "hello", "default").get("id").asText();
        String host = id + ".localhost:" + carrel.port;
        String token = "Authorization: Bearer " + carrel.token("ben");
        List<SteadyUse> uses = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++)
            uses.add(SteadyUse.requests(carrel.port, host, "/count", over, token, "Origin: http://" + host));
        uses.add(SteadyUse.fresh(carrel.port, over));
        uses.forEach(SteadyUse::start);
        return uses;
    }

    private static void click(List<Page> pages) {
        // by script: fifty hidden tabs are not drawn, so nothing in them can be pointed at
        for (Page page : pages) page.evaluate("() => document.getElementById('count').click()");
    }

    private static void look(Page page, int clicks) {
        assertThat(page.locator("#page")).hasText(Integer.toString(clicks), within());
        assertThat(page.locator("#ends")).hasText("0", within());
        assertThat(page.locator("#shiny-disconnected-overlay").count()).isZero();
        // one that was cut while the machine had no time for it is back by itself
        page.waitForFunction("() => ['linked', 'resumed'].includes(document.documentElement.dataset.carrelLink)");
    }

    private static Map<String, Long> processes(RunningCarrel carrel) throws Exception {
        Map<String, Long> processes = new HashMap<>();
        for (JsonNode session : carrel.get("ada", "/api/v1/sessions").get("items"))
            if (session.get("state").asText().equals("ready"))
                processes.put(session.get("id").asText(), session.get("pid").asLong());
        return processes;
    }

    private static LocatorAssertions.HasTextOptions within() {
        return new LocatorAssertions.HasTextOptions().setTimeout(SLOW);
    }
}
