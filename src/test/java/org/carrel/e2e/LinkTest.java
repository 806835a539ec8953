package org.carrel.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.TimeoutError;
import com.microsoft.playwright.assertions.LocatorAssertions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.carrel.support.Needs;
import org.carrel.support.Needs.Thing;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// A live Shiny page in a real browser, while the program between it and R is killed with -9 again and again: one Shiny
/// session by R's own count, each click counted once, each output shown once, each upload there once.
///
/// Rounds: `-Dcarrel.rounds=120` for the long form; each third in a burst of outputs, each third in an upload.
@Tag("browser")
@Tag("slow")
@Needs({Thing.R, Thing.CHROMIUM})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LinkTest {
    private static final int ROUNDS = Integer.getInteger("carrel.rounds", 3);
    private static final double SLOW = 120_000;
    private static final int BURST = 1000;
    private static final int UPLOAD = 20 << 20;

    @TempDir
    static Path directory;

    private DemoInBrowser demo;
    private RunningCarrel carrel;

    @BeforeAll
    void open() throws Exception {
        demo = new DemoInBrowser();
        carrel = demo.carrel;
        TestApp.drop(carrel, "link/desk");
    }

    @AfterAll
    void close() throws Exception {
        if (demo != null) demo.close();
    }

    @Test
    void a_page_survives_every_death_of_the_front() throws Exception {
        long seed = Long.getLong("carrel.seed", System.nanoTime());
        Random random = new Random(seed);
        Path file = directory.resolve("upload");
        byte[] content = new byte[UPLOAD];
        random.nextBytes(content);
        Files.write(file, content);
        String digest =
                HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(content));
        List<Long> resumed = new ArrayList<>();
        int clicks = 0;
        int ticks = 0;
        int uploads = 0;
        try (Page page = desk("ada")) {
            slowUploads(page);
            for (int round = 0; round < ROUNDS; round++) {
                String what = "seed " + seed + ", round " + round;
                if (round % 3 == 1) {
                    page.locator("#burst").click();
                    ticks += BURST;
                } else if (round % 3 == 2) {
                    page.locator("#file").setInputFiles(file);
                    uploads++;
                }
                page.locator("#count").click();
                clicks++;
                TimeUnit.MILLISECONDS.sleep(random.nextInt(1200)); // no wait: the moment of the kill is what varies
                int before = resumes(page);
                carrel.kill9();
                for (int i = random.nextInt(4); i > 0; i--) {
                    page.locator("#count").click();
                    clicks++;
                }
                carrel.startAgain();
                long back = System.currentTimeMillis();
                awaitResume(page, before, what);
                resumed.add(Math.max(0, lastEvent(page) - back));
                assertThat(page.locator("#page")).hasText(Integer.toString(clicks), within());
                assertThat(page.locator("#total")).hasText(Integer.toString(clicks), within());
                if (uploads > 0)
                    assertThat(page.locator("#got")).hasText(uploads + " " + UPLOAD + " " + digest, within());
                assertThat(page.locator("#tick")).hasText(Integer.toString(ticks), within());
                assertThat(page.evaluate("() => window.ticks"))
                        .as(what)
                        .isEqualTo(IntStream.rangeClosed(0, ticks).boxed().toList());
                assertThat(page.locator("#pages").textContent()).as(what).isEqualTo("1");
                assertThat(page.locator("#ends").textContent()).as(what).isEqualTo("0");
                assertThat(page.locator("#shiny-disconnected-overlay").count())
                        .as(what)
                        .isZero();
            }
        }
        Collections.sort(resumed);
        System.out.printf(
                "link: %d of %d resumed, median %d ms after the front was back, longest %d ms%n",
                resumed.size(), ROUNDS, resumed.get(resumed.size() / 2), resumed.getLast());
    }

    /// Another salt in the users file signs everybody out while the front is away.
    @Test
    void a_page_whose_user_was_signed_out_in_a_cut_says_so_and_goes_on_after_signing_in_again() throws Exception {
        try (Page page = desk("ben")) {
            page.locator("#count").click();
            assertThat(page.locator("#page")).hasText("1", within());
            int before = resumes(page);
            carrel.kill9();
            Files.delete(carrel.state().resolve("demo/n1/users"));
            page.locator("#count").click();
            carrel.startAgain();
            page.waitForFunction("() => window.links.at(-1).state === 'signed-out'", null, patience());
            page.waitForFunction(
                    "() => document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.localName === 'carrel-bar'",
                    null,
                    patience());
            // the card has the keyboard: its first way out is a sign-in beside this page
            Page beside = page.context().waitForPage(() -> {
                page.keyboard().press("Tab");
                page.keyboard().press("Enter");
            });
            beside.fill("input[name=user]", "ben");
            beside.fill("input[name=password]", RunningCarrel.PASSWORD);
            beside.keyboard().press("Enter");
            awaitResume(page, before, "signed in again");
            assertThat(page.locator("#page")).hasText("2", within());
            page.waitForFunction(
                    "() => document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.localName !== 'carrel-bar'",
                    null,
                    patience());
            beside.close();
        }
    }

    private Page desk(String user) {
        Page page = demo.newVisitor().newPage();
        Visit.signIn(page, carrel, user);
        page.navigate(carrel.portal() + "/app/desk");
        assertThat(page.locator("#page")).hasText("0", within());
        return page;
    }

    /// On loopback an upload would be over before anybody could cut it.
    private static void slowUploads(Page page) {
        var protocol = page.context().newCDPSession(page);
        protocol.send("Network.enable");
        var conditions = new com.google.gson.JsonObject();
        conditions.addProperty("offline", false);
        conditions.addProperty("latency", 0);
        conditions.addProperty("downloadThroughput", -1);
        conditions.addProperty("uploadThroughput", 20 << 20);
        protocol.send("Network.emulateNetworkConditions", conditions);
    }

    private void awaitResume(Page page, int before, String what) {
        try {
            page.waitForFunction(
                    "(before) => window.links.filter((l) => l.state === 'resumed').length > before",
                    before,
                    patience());
        } catch (TimeoutError never) {
            throw new AssertionError(
                    what + ": " + page.evaluate("() => JSON.stringify(window.links)") + "\n" + carrel.outputText(),
                    never);
        }
    }

    private static int resumes(Page page) {
        return ((Number) page.evaluate("() => window.links.filter((l) => l.state === 'resumed').length")).intValue();
    }

    private static long lastEvent(Page page) {
        return ((Number) page.evaluate("() => window.links.filter((l) => l.state === 'resumed').at(-1).at"))
                .longValue();
    }

    private static Page.WaitForFunctionOptions patience() {
        return new Page.WaitForFunctionOptions().setTimeout(SLOW);
    }

    private static LocatorAssertions.HasTextOptions within() {
        return new LocatorAssertions.HasTextOptions().setTimeout(SLOW);
    }
}
