package org.carrel.e2e;

import com.microsoft.playwright.Page;

/// What every visitor does first.
final class Visit {
    private Visit() {}

    /// From the page of its own address: the portal's `/` shows the same form, so waiting for `/` would not wait.
    static void signIn(Page page, RunningCarrel carrel, String user) {
        page.navigate(carrel.portal() + "/sign-in");
        page.fill("input[name=user]", user);
        page.fill("input[name=password]", RunningCarrel.PASSWORD);
        page.keyboard().press("Enter");
        page.waitForURL(carrel.portal() + "/");
    }
}
