package org.carrel.web;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.util.List;
import org.carrel.support.Chromium;

/// The picture in the README, taken from the real program, and one of an app with its bar. Not a test.
///
/// 1. `./carrel demo --password open-sesame`
/// 2. run this class with the tests' class path: `http://localhost:8080 open-sesame docs/images`
final class PortalPicture {
    private static final double PATIENCE_MILLIS = 60_000;

    private PortalPicture() {}

    /// @param arguments address of a running demo, its password, directory of the pictures
    public static void main(String[] arguments) {
        String portal = arguments[0];
        try (Playwright playwright = Chromium.playwright();
                Browser browser = Chromium.launch(playwright);
                BrowserContext context = browser.newContext(new Browser.NewContextOptions()
                        .setViewportSize(1280, 800)
                        .setLocale("en")
                        .setColorScheme(ColorScheme.LIGHT))) {
            context.setDefaultTimeout(PATIENCE_MILLIS);
            Page page = context.newPage();
            page.onConsoleMessage(it -> System.out.println("console: " + it.text()));
            page.onPageError(it -> System.out.println("error: " + it));
            page.navigate(portal + "/sign-in");
            page.fill("input[name=user]", "ada");
            page.fill("input[name=password]", arguments[1]);
            page.keyboard().press("Enter");
            page.waitForURL(portal + "/");
            for (String app : List.of("counter", "faithful")) {
                page.navigate(portal + "/");
                page.locator("a[href='/app/" + app + "']").first().click();
                page.waitForURL(address -> address.contains(".localhost"));
                page.waitForLoadState();
            }
            page.waitForSelector(".shiny-plot-output img");
            page.waitForTimeout(1_500); // the bar has said its state, the plot has its last size
            shot(page, Path.of(arguments[2], "faithful.png"));
            page.navigate(portal + "/");
            page.waitForSelector(".session-acts");
            page.waitForTimeout(2_500); // figures of memory and use
            shot(page, Path.of(arguments[2], "portal.png"));
        }
    }

    private static void shot(Page page, Path file) {
        page.screenshot(new Page.ScreenshotOptions().setPath(file));
    }
}
