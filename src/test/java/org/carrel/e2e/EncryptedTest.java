package org.carrel.e2e;

import static com.microsoft.playwright.options.WaitForSelectorState.DETACHED;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.options.Cookie;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.carrel.auth.file.PasswordHash;
import org.carrel.support.Chromium;
import org.carrel.support.Needs;
import org.carrel.support.PemFiles;
import org.carrel.support.ProgramJar;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// `carrel up` with a certificate, in a real browser: sign in, a session on its own origin, an upgrade.
@Tag("slow")
class EncryptedTest {
    private static final Pattern PROGRAM = Pattern.compile("(\\d+) took over from (\\d+)");

    private Path directory;
    private int port;
    private Process program;
    private final List<ProcessHandle> others = new ArrayList<>();

    @BeforeEach
    void up() throws Exception {
        directory = Files.createTempDirectory(Path.of("/tmp"), "c");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        PemFiles files = PemFiles.make(directory, "portal");
        write("users", "ada:" + PasswordHash.of(RunningCarrel.PASSWORD).text() + ":users\n");
        write("carrel.yaml", """
                listen: 127.0.0.1:%d
                tls: {certificate: portal.crt, key: portal.key}
                sign-in: {file: users}
                state-directory: state
                run-directory: run
                node: {name: n1}
                apps:
                  counter: {kind: shiny, title: Counter, path: counter}
                """.formatted(port));
        Path app = Files.createDirectory(directory.resolve("counter")).resolve("app.R");
        Files.copy(Path.of("demo/apps/counter/app.R"), app);
        for (Path path : List.of(app.getParent(), app)) // sessions are users of their own
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (Path file : List.of(files.certificate(), files.key())) // the program gives up root
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        program = carrel("up", "--config", directory.resolve("carrel.yaml").toString());
        RunningCarrel.await(
                "carrel up",
                () -> said().contains("Carrel is at https://localhost:" + port + "/") || !program.isAlive());
        assertThat(program.isAlive()).as("%s", said()).isTrue();
    }

    @AfterEach
    void down() throws Exception {
        others.add(program.toHandle());
        for (ProcessHandle other : others) {
            Stream<ProcessHandle> all = Stream.concat(Stream.of(other), other.descendants());
            List<CompletableFuture<ProcessHandle>> ends =
                    all.map(ProcessHandle::onExit).toList();
            other.destroy();
            CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
        }
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
        }
    }

    @Test
    @Needs({Needs.Thing.R, Needs.Thing.CHROMIUM})
    void a_browser_works_as_it_does_in_the_clear() throws Exception {
        try (Playwright playwright = Chromium.playwright();
                Browser browser = Chromium.launch(playwright);
                BrowserContext context = browser.newContext(
                        new Browser.NewContextOptions().setLocale("en").setIgnoreHTTPSErrors(true))) {
            Page page = context.newPage();
            Response first = page.navigate("http://localhost:" + port + "/sign-in");
            assertThat(first.url()).as("led from http").isEqualTo(portal() + "/sign-in");
            page.fill("input[name=user]", "ada");
            page.fill("input[name=password]", RunningCarrel.PASSWORD);
            page.keyboard().press("Enter");
            page.waitForURL(portal() + "/");
            assertThat(context.cookies())
                    .as("%s", context.cookies().stream().map(it -> it.name).toList())
                    .isNotEmpty()
                    .allMatch(it -> it.secure)
                    .extracting((Cookie it) -> it.name)
                    .anyMatch(name -> name.startsWith("__Host-"));
            page.navigate(portal() + "/app/counter");
            try {
                page.waitForURL(Pattern.compile("https://[a-z0-9]+\\.localhost:" + port + "/.*"));
            } catch (PlaywrightException late) {
                throw new AssertionError(page.url() + "\n" + page.innerText("body") + "\n" + said(), late);
            }
            count(page, 1);
            upgrade();
            count(page, 2); // on the old program's connection
            page.reload();
            count(page, 3);
            // sessions outlive `carrel up`, and this one shall not
            page.navigate(portal() + "/");
            page.getByLabel("Stop: Counter").click();
            page.click("dialog button:has-text('Stop it')");
            page.getByLabel("Stop: Counter").waitFor(new Locator.WaitForOptions().setState(DETACHED));
        }
    }

    private static void count(Page page, int expected) {
        page.waitForFunction("() => window.Shiny && Shiny.shinyapp && Shiny.shinyapp.isConnected()");
        page.click("#count");
        page.waitForFunction("n => document.getElementById('total').textContent === String(n)", expected);
    }

    private void upgrade() throws Exception {
        Process command =
                carrel("upgrade", "--config", directory.resolve("carrel.yaml").toString());
        assertThat(command.waitFor(60, TimeUnit.SECONDS)).isTrue();
        Matcher took = PROGRAM.matcher(said());
        assertThat(took.find()).as("%s", said()).isTrue();
        ProcessHandle.of(Long.parseLong(took.group(1))).ifPresent(others::add);
    }

    private String portal() {
        return "https://localhost:" + port;
    }

    private Process carrel(String... words) throws IOException {
        List<String> command = new ArrayList<>(ProgramJar.java());
        command.addAll(List.of(words));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("output").toFile()))
                .start();
    }

    private String said() {
        try {
            return Files.readString(directory.resolve("output"), StandardCharsets.UTF_8);
        } catch (IOException none) {
            return "";
        }
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text);
    }
}
