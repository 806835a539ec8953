package org.carrel.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.port.Audit;
import org.carrel.support.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveCatalogueTest {
    @TempDir
    Path directory;

    private volatile Instant now = Instant.parse("2026-11-22T12:00:00Z");
    private Optional<LiveCatalogue> opened = Optional.empty();

    @AfterEach
    void close() {
        opened.ifPresent(LiveCatalogue::close);
    }

    private Written written() {
        return new Written(directory);
    }

    private final List<Audit.Entry> audited = new CopyOnWriteArrayList<>();

    private LiveCatalogue open() {
        return open(app -> Optional.empty());
    }

    private LiveCatalogue open(Function<App, Optional<String>> obstacles) {
        LiveCatalogue catalogue =
                LiveCatalogue.open(written().configuration(), written().settings(), obstacles, () -> now, audited::add);
        opened = Optional.of(catalogue);
        return catalogue;
    }

    private static List<String> ids(LiveCatalogue catalogue) {
        return catalogue.entries().stream()
                .map(entry -> entry.app().id().value())
                .toList();
    }

    private void shiny(String name) {
        written().file(directory.resolve("apps").resolve(name).resolve("app.R"), "shinyApp(ui, server)");
    }

    @Test
    void apps_of_the_file_and_of_the_directory_are_there_from_the_start() {
        written().file("apps: {tool: {kind: web}}");
        shiny("geyser");
        written().file(directory.resolve("apps/two/ui.R"), "").file(directory.resolve("apps/two/server.R"), "");
        assertThat(ids(open())).containsExactly("tool", "geyser", "two");
    }

    @Test
    void a_dropped_directory_becomes_an_app_and_goes_again_without_anybody_asking() throws Exception {
        written().file("apps: {tool: {kind: web}}");
        LiveCatalogue catalogue = open();
        shiny("geyser");
        Await.until("the app is there", () -> ids(catalogue).equals(List.of("tool", "geyser")));
        App geyser = catalogue.find(new AppId("geyser")).orElseThrow().app();
        assertThat(geyser.kind().value()).isEqualTo("shiny");
        assertThat(geyser.directory()).hasValue(directory.resolve("apps/geyser").toString());
        Files.delete(directory.resolve("apps/geyser/app.R"));
        Files.delete(directory.resolve("apps/geyser"));
        Await.until("the app is gone", () -> ids(catalogue).equals(List.of("tool")));
    }

    @Test
    void a_fragment_gives_the_title_and_is_followed_too() throws Exception {
        written().file("log: plain");
        shiny("geyser");
        LiveCatalogue catalogue = open();
        Path fragment = directory.resolve("apps/geyser/carrel.yaml");
        written().file(fragment, "title: Old Faithful\nmemory: 300M\n");
        Await.until(
                "the title changes",
                () -> catalogue.entries().getFirst().app().title().equals("Old Faithful"));
        written().file(fragment, "kind: web\ncommand: [python3, -m, http.server]\n");
        Await.until(
                "the kind changes",
                () -> catalogue.entries().getFirst().app().kind().value().equals("web"));
    }

    @Test
    void a_bad_change_of_the_file_leaves_the_old_apps_and_is_shown_until_it_is_mended() throws Exception {
        written().file("apps: {tool: {kind: web, title: Before}}");
        LiveCatalogue catalogue = open();
        written().file("apps: {tool: {kind: wob, title: After}}");
        Await.until("the problem shows", () -> catalogue.lastProblem().isPresent());
        assertThat(catalogue.lastProblem().orElseThrow().lines())
                .singleElement()
                .asString()
                .contains("carrel.yaml:1:21: error: apps.tool.kind must be one of");
        assertThat(catalogue.entries().getFirst().app().title()).isEqualTo("Before");
        Files.delete(written().file());
        assertThat(catalogue.reload().lines()).singleElement().asString().endsWith("no such file");
        assertThat(ids(catalogue)).containsExactly("tool");
        written().file("apps: {tool: {kind: web, title: After}}");
        Await.until("all is well", () -> catalogue.lastProblem().isEmpty());
        Await.until(
                "the last reading is noted", () -> audited.getLast().outcome().equals(Audit.Entry.OK));
        assertThat(audited.getFirst().outcome()).startsWith("not taken over: ");
        assertThat(catalogue.entries().getFirst().app().title()).isEqualTo("After");
    }

    @Test
    void a_bad_directory_spoils_no_other_and_keeps_what_it_gave_before() throws Exception {
        written().file("log: plain");
        shiny("good");
        shiny("geyser");
        written().file(directory.resolve("apps/geyser/carrel.yaml"), "title: Before\n");
        LiveCatalogue catalogue = open();
        written().file(directory.resolve("apps/geyser/carrel.yaml"), "titel: After\n");
        shiny("another");
        shiny("Bad_Name");
        Report report = catalogue.reload();
        assertThat(report.lines())
                .hasSize(2)
                .anyMatch(line -> line.endsWith(
                        "geyser/carrel.yaml:1:1: error: unknown key" + " \"titel\"; did you mean \"title\"?"));
        assertThat(ids(catalogue)).containsExactly("another", "geyser", "good");
        assertThat(catalogue.find(new AppId("geyser")).orElseThrow().app().title())
                .isEqualTo("Before");
    }

    @Test
    void hosts_of_services_are_followed_and_each_belongs_to_one() throws Exception {
        String site = "{kind: web, service: true, host: www.example.org}";
        written().file("hosts: [r.example.org]\napps: {site: " + site + "}");
        for (String name : List.of("other", "portal"))
            written()
                    .file(
                            directory.resolve("apps/" + name + "/carrel.yaml"),
                            "{kind: web, service: true, host: " + name + ".example.org}");
        LiveCatalogue catalogue = open();
        assertThat(catalogue.services().at("www.example.org")).contains(new AppId("site"));
        assertThat(catalogue.services().at("other.example.org")).contains(new AppId("other"));
        written()
                .file(directory.resolve("apps/other/carrel.yaml"), "{kind: web, service: true, host: www.example.org}");
        written().file(directory.resolve("apps/portal/carrel.yaml"), "{kind: web, service: true, host: r.example.org}");
        assertThat(catalogue.reload().lines())
                .hasSize(2)
                .anyMatch(line -> line.contains("www.example.org, which is the host of apps.site already"))
                .anyMatch(line -> line.contains("r.example.org, which is the portal's own name"));
        assertThat(catalogue.services().at("www.example.org")).contains(new AppId("site"));
        assertThat(catalogue.services().at("r.example.org")).isEmpty();
        written().file("apps: {}");
        catalogue.reload();
        assertThat(catalogue.services().at("www.example.org")).contains(new AppId("other"));
    }

    @Test
    void the_file_wins_over_a_directory_of_the_same_name() {
        written().file("apps: {geyser: {kind: web}}");
        shiny("geyser");
        LiveCatalogue catalogue = open();
        assertThat(catalogue.entries())
                .singleElement()
                .satisfies(entry -> assertThat(entry.app().kind().value()).isEqualTo("web"));
    }

    @Test
    void obstacles_are_asked_for_at_most_every_30_s() {
        written().file("apps: {tool: {kind: web}}");
        AtomicInteger asked = new AtomicInteger();
        LiveCatalogue catalogue = open(app -> Optional.of("no R, asked " + asked.incrementAndGet()));
        assertThat(catalogue.entries().getFirst().obstacle()).hasValue("no R, asked 1");
        now = now.plus(Duration.ofSeconds(29));
        assertThat(catalogue.find(new AppId("tool")).orElseThrow().obstacle()).hasValue("no R, asked 1");
        now = now.plus(Duration.ofSeconds(2));
        assertThat(catalogue.entries().getFirst().obstacle()).hasValue("no R, asked 2");
    }
}
