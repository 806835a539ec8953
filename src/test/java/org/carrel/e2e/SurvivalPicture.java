package org.carrel.e2e;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.carrel.support.Chromium;
import org.carrel.support.Needs;
import org.carrel.support.Needs.Thing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// The animated picture in the README, of the real program: a slider moves, Carrel is killed with -9, the page goes on.
/// Not a test; makes it by `mvn test -Dtest=SurvivalPicture -Dcarrel.picture=docs/images/survival.gif`.
@Needs({Thing.R, Thing.CHROMIUM})
@EnabledIfSystemProperty(named = "carrel.picture", matches = ".+")
class SurvivalPicture {
    private static final int STEP_MILLIS = 350;

    @Test
    void make() throws Exception {
        try (RunningCarrel carrel = RunningCarrel.demo();
                Playwright playwright = Chromium.playwright();
                Browser browser = Chromium.launch(playwright);
                BrowserContext context = browser.newContext(new Browser.NewContextOptions()
                        .setViewportSize(820, 470)
                        .setLocale("en")
                        .setColorScheme(ColorScheme.LIGHT));
                AnimatedPicture picture = new AnimatedPicture(Path.of(System.getProperty("carrel.picture")))) {
            Page page = context.newPage();
            openFaithful(page, carrel);
            String r = carrel.get("ada", "/api/v1/sessions").at("/items/0/pid").asText();
            long first = carrel.pid();
            move(page, picture, 3, "Carrel (" + first + ") carries this page to R (" + r + ")");
            carrel.kill9();
            String killed = "$ kill -9 " + first + "        Carrel is gone";
            page.waitForTimeout(600);
            move(page, picture, 5, killed);
            carrel.startAgain();
            String back = "Carrel is back as " + carrel.pid() + ": R (" + r + ") and its page never noticed";
            page.waitForFunction("() => document.documentElement.dataset.carrelLink === 'resumed'");
            frame(page, picture, STEP_MILLIS, back);
            page.waitForFunction("() => !document.documentElement.classList.contains('shiny-busy')");
            page.waitForTimeout(600);
            move(page, picture, 4, back);
            frame(page, picture, 2500, back);
        }
    }

    private static void openFaithful(Page page, RunningCarrel carrel) {
        Visit.signIn(page, carrel, "ada");
        page.navigate(carrel.portal() + "/app/faithful");
        page.waitForSelector(".shiny-plot-output img", new Page.WaitForSelectorOptions().setTimeout(60_000));
        page.waitForTimeout(1500); // the bar has said its state, the plot has its last size
        page.locator(".irs-handle").first().click();
    }

    private static void move(Page page, AnimatedPicture picture, int steps, String caption) throws IOException {
        for (int i = 0; i < steps; i++) {
            for (int key = 0; key < 2; key++) page.keyboard().press("ArrowRight");
            page.waitForTimeout(STEP_MILLIS);
            frame(page, picture, STEP_MILLIS, caption);
        }
    }

    private static void frame(Page page, AnimatedPicture picture, int millis, String caption) throws IOException {
        picture.add(ImageIO.read(new ByteArrayInputStream(page.screenshot())), millis, caption);
    }
}
