package org.carrel.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.carrel.support.Chromium;

/// What `NetworkBlipTest` runs in a network namespace of its own, where nothing but this is cut off when the network
/// is taken away: a live page, packets that vanish without a FIN for some seconds, the page again.
final class NetworkBlip {
    private static final double SLOW = 90_000;

    private NetworkBlip() {}

    /// @param arguments seconds without a network; the name of the namespace that must stay as it is
    public static void main(String[] arguments) throws Exception {
        if (namespace().equals(arguments[1]))
            throw new IllegalStateException("this would take the whole machine's network away");
        int seconds = Integer.parseInt(arguments[0]);
        try (RunningCarrel carrel = RunningCarrel.demo();
                Playwright playwright = Chromium.playwright();
                Browser browser = Chromium.launch(playwright);
                Page page = browser.newPage()) {
            page.setDefaultTimeout(SLOW);
            TestApp.drop(carrel, "link/desk");
            Visit.signIn(page, carrel, "ada");
            page.navigate(carrel.portal() + "/app/desk");
            assertThat(page.locator("#page")).hasText("0", within());
            page.locator("#count").click();
            assertThat(page.locator("#page")).hasText("1", within());

            network("down");
            page.locator("#count").click();
            TimeUnit.SECONDS.sleep(seconds); // the length of the blip is what is tried
            page.locator("#count").click();
            network("up");
            long back = System.nanoTime();

            assertThat(page.locator("#page")).hasText("3", within());
            assertThat(page.locator("#total")).hasText("3", within());
            assertThat(page.locator("#pages")).hasText("1", within());
            assertThat(page.locator("#ends")).hasText("0", within());
            assertThat(page.locator("#shiny-disconnected-overlay")).hasCount(0);
            System.out.printf(
                    "network away for %d s: the page went on %d ms after it was back%n",
                    seconds, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - back));
        }
    }

    static String namespace() throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
    }

    private static void network(String way) throws IOException, InterruptedException {
        Process ip =
                new ProcessBuilder("ip", "link", "set", "lo", way).inheritIO().start();
        if (ip.waitFor() != 0) throw new IOException("ip link set lo " + way + " failed");
    }

    private static LocatorAssertions.HasTextOptions within() {
        return new LocatorAssertions.HasTextOptions().setTimeout(SLOW);
    }
}
