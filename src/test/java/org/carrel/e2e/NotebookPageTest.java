package org.carrel.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import java.util.regex.Pattern;
import org.carrel.support.Chromium;
import org.carrel.support.Needs;
import org.carrel.support.Needs.Thing;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A real notebook page through the death of Carrel: the page's own reconnecting brings what R said meanwhile, because
/// the notebook server keeps it for the page's session of the kernel (jupyter_server, "buffer_offline_messages").
@Tag("browser")
@Tag("slow")
@Needs({Thing.JUPYTER, Thing.CHROMIUM})
class NotebookPageTest {
    private static final double SLOW = 90_000;
    private static final int LINES = 12;
    private static final String CELL = "for (i in 1:" + LINES + ") { Sys.sleep(1); cat(i, '\\\\n'); flush.console() }";

    @Test
    void output_of_a_running_cell_arrives_after_carrel_was_killed() throws Exception {
        try (RunningCarrel carrel = RunningCarrel.demo();
                Playwright playwright = Chromium.playwright();
                Browser browser = Chromium.launch(playwright);
                Page page = browser.newPage()) {
            page.setDefaultTimeout(SLOW);
            JsonNode session = carrel.start("ada", "notebook", "default");
            String id = session.get("id").asText();
            carrel.raw("ada", id, "PUT", "/s/" + id + "/api/contents/long.ipynb", notebook());
            Visit.signIn(page, carrel, "ada");
            page.navigate(session.get("url").asText());
            page.waitForURL(Pattern.compile(".*/tree.*"));
            page.navigate(page.url().replaceFirst("/tree.*", "/notebooks/long.ipynb"));
            page.locator(".kernel_idle_icon").waitFor();
            page.locator(".cell").first().click();
            page.keyboard().press("Shift+Enter");
            assertThat(page.locator(".output").first()).containsText("2", within());
            carrel.kill9();
            carrel.startAgain();
            assertThat(page.locator(".output").first()).hasText(Pattern.compile(everyLineOnce()), inAll());
        }
    }

    private static String everyLineOnce() {
        StringBuilder lines = new StringBuilder("^\\s*1");
        for (int line = 2; line <= LINES; line++) lines.append("\\s+").append(line);
        return lines.append("\\s*$").toString();
    }

    private static String notebook() {
        return "{\"type\":\"notebook\",\"format\":\"json\",\"content\":{\"nbformat\":4,\"nbformat_minor\":4,\"metadata\":"
                + "{\"kernelspec\":{\"name\":\"ir\",\"display_name\":\"R\",\"language\":\"R\"}},\"cells\":[{\"cell_type\":"
                + "\"code\",\"execution_count\":null,\"metadata\":{},\"outputs\":[],\"source\":\"" + CELL + "\"}]}}";
    }

    private static LocatorAssertions.ContainsTextOptions within() {
        return new LocatorAssertions.ContainsTextOptions().setTimeout(SLOW);
    }

    private static LocatorAssertions.HasTextOptions inAll() {
        return new LocatorAssertions.HasTextOptions().setTimeout(SLOW);
    }
}
