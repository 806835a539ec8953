package org.carrel.web;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.carrel.support.Chromium;

/// Pictures of every page, for the eye: `Screenshots <directory>`. Not a test.
final class Screenshots {
    private Screenshots() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        String only = arguments.length > 1 ? arguments[1] : "";
        try (PortalStandIn portal = new PortalStandIn(0);
                Playwright playwright = Chromium.playwright();
                Browser browser = Chromium.launch(playwright)) {
            for (boolean dark : List.of(false, true))
                for (int width : List.of(1280, 390))
                    for (String language : List.of("en", "fr")) {
                        if (dark && language.equals("fr") || width == 390 && language.equals("fr") && dark) continue;
                        String kind = (dark ? "dark" : "light") + "-" + width + "-" + language;
                        if (!kind.contains(only)) continue;
                        portal.language = language;
                        shots(portal, browser, directory, dark, width, kind);
                    }
        }
    }

    private static void shots(
            PortalStandIn portal, Browser browser, Path directory, boolean dark, int width, String kind) {
        try (BrowserContext context = browser.newContext(new Browser.NewContextOptions()
                .setViewportSize(width, 800)
                .setLocale(portal.language)
                .setColorScheme(dark ? ColorScheme.DARK : ColorScheme.LIGHT))) {
            Page page = context.newPage();
            page.onConsoleMessage(it -> System.out.println(kind + " console: " + it.text()));
            page.onPageError(it -> System.out.println(kind + " error: " + it));
            for (String path :
                    List.of("/sign-in", "/", "/cluster", "/admin", "/ended", "/full", "/consent", "/sign-out")) {
                page.navigate(portal.url(path));
                page.waitForSelector("main > *");
                page.waitForTimeout(400);
                shot(page, directory, kind + path.replaceAll("/$", "/home").replace('/', '-'));
            }
            page.navigate(portal.url("/app/faithful"));
            page.waitForSelector(".steps");
            page.waitForTimeout(500);
            portal.progress("queued", 3, null, null);
            page.waitForTimeout(500);
            shot(page, directory, kind + "-wait-queued");
            portal.progress("answering", 0, null, null);
            page.waitForTimeout(500);
            shot(page, directory, kind + "-wait-answering");
            portal.progress(
                    "failed",
                    0,
                    "the program ended with status 1",
                    List.of("Error in library(sf) :", "  there is no package called ‘sf’"));
            page.waitForTimeout(300);
            shot(page, directory, kind + "-wait-failed");
            page.navigate(portal.url("/"));
            page.waitForSelector(".session-acts");
            page.locator(".session-acts .bad").first().click();
            page.waitForTimeout(200);
            shot(page, directory, kind + "-stop");
            page.keyboard().press("Escape");
            page.locator(".session-acts .quiet:not(.bad)").first().click();
            page.waitForTimeout(300);
            shot(page, directory, kind + "-log");
            portal.besideState = portal.samples.beside("ready", null);
            page.navigate(portal.url("/s/" + "a".repeat(16) + "/"));
            page.waitForTimeout(600);
            shot(page, directory, kind + "-bar");
            String events = "/s/" + "a".repeat(16) + "/.carrel/events";
            portal.emit(events, "state", portal.samples.beside("ready", Duration.ofSeconds(272)));
            page.waitForTimeout(300);
            shot(page, directory, kind + "-bar-near");
            portal.emit(events, "state", portal.samples.beside("ended", null));
            page.waitForTimeout(300);
            shot(page, directory, kind + "-bar-ended");
        }
    }

    private static void shot(Page page, Path directory, String name) {
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(directory.resolve(name + ".png"))
                .setFullPage(true));
    }
}
