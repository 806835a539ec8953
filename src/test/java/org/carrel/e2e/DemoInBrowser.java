package org.carrel.e2e;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Playwright;
import org.carrel.support.Chromium;

/// A demo, and a browser to look at it with.
final class DemoInBrowser implements AutoCloseable {
    final RunningCarrel carrel;
    private final Playwright playwright;
    private final Browser browser;

    DemoInBrowser() throws Exception {
        playwright = Chromium.playwright();
        browser = Chromium.launch(playwright);
        carrel = RunningCarrel.demo();
    }

    /// Somebody whom nobody has signed in yet.
    BrowserContext newVisitor() {
        return browser.newContext(new Browser.NewContextOptions().setLocale("en"));
    }

    @Override
    public void close() throws Exception {
        browser.close();
        playwright.close();
        carrel.close();
    }
}
