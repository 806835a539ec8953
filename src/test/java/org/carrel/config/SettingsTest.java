package org.carrel.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.config.Settings.Limits;
import org.carrel.config.Settings.Listen;
import org.carrel.config.Settings.LogFormat;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.domain.app.Audience;
import org.carrel.domain.app.FrontRules;
import org.carrel.domain.app.Service;
import org.carrel.domain.idle.IdleRule;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.place.Strategy;
import org.carrel.domain.route.Network;
import org.carrel.domain.user.UserId;
import org.carrel.port.DoorUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Defaults, the full mapping, and the order of file, environment and flags. What is refused: `SettingsProblemsTest`.
class SettingsTest {
    @TempDir
    Path directory;

    private Written written() {
        return new Written(directory);
    }

    @Test
    void without_a_file_everything_has_a_default() {
        assertThat(written().settings())
                .isEqualTo(new Settings(
                        List.of(new Listen("127.0.0.1", 8080)),
                        List.of(),
                        Optional.of("localhost"),
                        directory.resolve("users"),
                        new Settings.Node(
                                new NodeName("lab-1"), new Capacity(new Resources(4000, (8L << 30) / 10 * 9), 100, 4)),
                        new ClusterSettings(
                                "carrel",
                                directory.resolve("key"),
                                Optional.empty(),
                                7443,
                                7444,
                                List.of(),
                                Optional.empty(),
                                ClusterSettings.Mdns.AUTO,
                                Strategy.SPREAD),
                        FaceSettings.NONE,
                        Limits.DEFAULT,
                        Duration.ofSeconds(30),
                        Duration.ofHours(1),
                        LogFormat.PLAIN,
                        false,
                        Optional.empty(),
                        List.of(),
                        directory.resolve("apps"),
                        directory.resolve("state"),
                        Path.of("/run/test"),
                        Optional.empty(),
                        List.of()));
    }

    @Test
    void a_role_that_is_left_out_takes_what_belongs_to_it() {
        Settings gateway = written().file("node: {roles: gateway}\n").settings();
        assertThat(gateway.node().capacity().sessions()).isZero();
        Settings agent =
                written().file("listen: 0.0.0.0:9090\nnode: {roles: [agent]}\n").settings();
        assertThat(agent.listen()).containsExactly(new Listen("127.0.0.1", 9090));
        assertThat(agent.node().capacity().sessions()).isEqualTo(100);
    }

    @Test
    void an_empty_file_says_the_same_as_none() {
        Settings none = written().settings();
        assertThat(written().file("# nothing yet\n").settings()).isEqualTo(none);
    }

    @Test
    void every_key_is_taken_over() throws Exception {
        Files.createDirectory(directory.resolve("keys"));
        Files.createDirectory(directory.resolve("users-files"));
        Settings settings = written().file("""
                listen: ["0.0.0.0:80", "[::1]:8081"]
                hosts: [R.lab.example, r2]
                sessions: {domain: "*.r-content.test"}
                sign-in: {file: people}
                node:
                  name: n3
                  capacity: {memory: 50%, cpu: 1.5, sessions: 40, starts: 2}
                  labels: {gpu: a100, zone: 2}
                  roles: [gateway, agent]
                cluster:
                  name: lab
                  key: keys
                  address: 192.168.1.7
                  door: 7002
                  port: 7000
                  peers: [n2, "10.0.0.3:7001", "[fe80::1]:9", fe80::2]
                  peers-file: others
                  mdns: off
                  strategy: pack
                  web: {door: true, doors: ["wss://proxy.example/n3"]}
                faces:
                  maat: {listen: "0.0.0.0:8786", process: rsession2, processes-per-user: 2, request-life: 20s, from: [10.0.0.0/8]}
                limits:
                  head-bytes: 8K
                  headers: 50
                  connections: 500
                  connections-per-address: 20
                  head-timeout: 5s
                  body-silence: 30s
                  keep-alive: 20s
                  connect-timeout: 2s
                  answer-silence: 10m
                  page-body: 2M
                  websocket-frame: 1M
                  log: 1M
                  disk-reserve: 1G
                drain: 1m
                upgrade-drain: 2h
                log: json
                insecure: true
                tls: {certificate: tls.crt, key: /etc/tls.key}
                trusted-proxies: [10.0.0.0/8, "::1"]
                apps-directory: /srv/apps
                state-directory: /srv/state
                run-directory: /run/here
                homes: {shared: users-files}
                apps:
                  faithful:
                    kind: shiny
                    path: .
                    title: Old Faithful
                    description: A geyser
                    memory: 300M
                    cpu: 0.2
                    idle: 1h
                    idle-warning: 10m
                    max-life: 2d
                    start-timeout: 90s
                    resume-window: 90s
                    users: [ada]
                    groups: [stats, "no"]
                    needs: {gpu: a100}
                    files: true
                    env: {LANG: C.UTF-8, N: 5}
                  tool: {kind: web, command: [python3, -m, http.server, "{port}"], idle: never}
                """).settings();
        assertThat(settings)
                .isEqualTo(new Settings(
                        List.of(new Listen("0.0.0.0", 80), new Listen("::1", 8081)),
                        List.of("r.lab.example", "r2"),
                        Optional.of("r-content.test"),
                        directory.resolve("people"),
                        new Settings.Node(
                                new NodeName("n3"),
                                new Capacity(new Resources(1500, 4L << 30), 40, 2),
                                Map.of("gpu", "a100", "zone", "2"),
                                Settings.Node.ALL_ROLES),
                        new ClusterSettings(
                                "lab",
                                directory.resolve("keys"),
                                Optional.of(InetAddress.ofLiteral("192.168.1.7")),
                                7002,
                                7000,
                                List.of(
                                        new Candidate("n2", 7443),
                                        new Candidate("10.0.0.3", 7001),
                                        new Candidate("fe80::1", 9),
                                        new Candidate("fe80::2", 7443)),
                                Optional.of(directory.resolve("others")),
                                ClusterSettings.Mdns.OFF,
                                Strategy.PACK,
                                new ClusterSettings.Web(true, List.of(DoorUrl.of("wss://proxy.example/n3")))),
                        new FaceSettings(Optional.of(new FaceSettings.Maat(
                                new Listen("0.0.0.0", 8786),
                                "rsession2",
                                2,
                                Duration.ofSeconds(20),
                                List.of(Settings.network("10.0.0.0/8"))))),
                        new Limits(
                                8 << 10,
                                50,
                                500,
                                20,
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(30),
                                Duration.ofSeconds(20),
                                Duration.ofSeconds(2),
                                Duration.ofMinutes(10),
                                2 << 20,
                                1 << 20,
                                1L << 20,
                                1L << 30),
                        Duration.ofMinutes(1),
                        Duration.ofHours(2),
                        LogFormat.JSON,
                        true,
                        Optional.of(new Settings.Tls(directory.resolve("tls.crt"), Path.of("/etc/tls.key"))),
                        List.of(Settings.network("10.0.0.0/8"), Settings.network("::1")),
                        Path.of("/srv/apps"),
                        Path.of("/srv/state"),
                        Path.of("/run/here"),
                        Optional.of(directory.resolve("users-files")),
                        List.of(
                                new App(
                                        new AppId("faithful"),
                                        new KindId("shiny"),
                                        "Old Faithful",
                                        "A geyser",
                                        Optional.of(directory.toString()),
                                        List.of(),
                                        Map.of("LANG", "C.UTF-8", "N", "5"),
                                        new Resources(200, 300L << 20),
                                        new Audience(Set.of(new UserId("ada")), Set.of("stats", "no")),
                                        new IdleRule(
                                                Optional.of(Duration.ofHours(1)),
                                                Duration.ofMinutes(10),
                                                Optional.of(Duration.ofDays(2))),
                                        Duration.ofSeconds(90),
                                        Optional.of(Duration.ofSeconds(90)),
                                        new App.Where(Map.of("gpu", "a100"), Optional.of(true))),
                                new App(
                                        new AppId("tool"),
                                        new KindId("web"),
                                        "Tool",
                                        "",
                                        Optional.empty(),
                                        List.of("python3", "-m", "http.server", "{port}"),
                                        Map.of(),
                                        AppReader.DEFAULT_DEMAND,
                                        Audience.EVERYBODY,
                                        new IdleRule(
                                                Optional.empty(),
                                                Duration.ofMinutes(2).plusSeconds(30),
                                                Optional.empty()),
                                        App.DEFAULT_START_TIMEOUT))));
    }

    @Test
    void the_environment_goes_over_the_file_and_a_flag_over_both() {
        Written written = written()
                .file("listen: 127.0.0.1:1\ndrain: 1s\nlog: json\n")
                .variable("CARREL_LISTEN", "127.0.0.1:2")
                .variable("CARREL_DRAIN", "2s")
                .flag("listen", "127.0.0.1:3");
        assertThat(written.settings().listen()).containsExactly(new Listen("127.0.0.1", 3));
        assertThat(written.settings().drain()).isEqualTo(Duration.ofSeconds(2));
        assertThat(written.settings().log()).isEqualTo(LogFormat.JSON);
    }

    @Test
    void every_setting_has_a_variable() {
        Settings settings = written()
                .file("apps: {old-faithful: {kind: shiny}}")
                .variable("CARREL_NODE_CAPACITY_MEMORY", "2G")
                .variable("CARREL_SIGN_IN_FILE", "/etc/people")
                .variable("CARREL_HOSTS", "a.example, b.example")
                .variable("CARREL_APPS_OLD_FAITHFUL_TITLE", "Geyser")
                .variable("CARREL_APPS_OLD_FAITHFUL_GROUPS", "[stats, r]")
                .settings();
        assertThat(settings.node().capacity().total().memoryBytes()).isEqualTo(2L << 30);
        assertThat(settings.usersFile()).isEqualTo(Path.of("/etc/people"));
        assertThat(settings.hosts()).containsExactly("a.example", "b.example");
        assertThat(settings.apps().getFirst().title()).isEqualTo("Geyser");
        assertThat(settings.apps().getFirst().audience().groups()).containsExactlyInAnyOrder("stats", "r");
    }

    @Test
    void every_key_of_the_reader_can_be_given_by_variable() {
        Form form = new Form(Tree.Fields.empty(Where.of("x")), "", new Report.Collector());
        for (String path : Overrides.PATHS)
            assertThat(Overrides.variableOf(List.of(path.split("\\.")))).matches("CARREL_[A-Z_]+");
        Written written = written();
        Overrides.PATHS.forEach(path -> written.flag(path, "["));
        assertThat(written.said())
                .noneMatch(line -> line.contains("unknown key"))
                .hasSizeGreaterThan(Overrides.PATHS.size() - 1);
        assertThat(form.keys()).isEmpty();
    }

    @Test
    void own_origins_are_the_default_only_where_localhost_is_the_browser_s_machine() {
        assertThat(written().file("listen: 127.0.0.1:80").settings().contentDomain())
                .hasValue("localhost");
        assertThat(written()
                        .file("listen: 0.0.0.0:80\ninsecure: true")
                        .settings()
                        .contentDomain())
                .isEmpty();
        assertThat(written().file("sessions: {domain: none}").settings().contentDomain())
                .isEmpty();
    }

    @Test
    void a_service_has_no_owner_and_is_never_idle() {
        App app = written().file("""
                apps:
                  nginx_webserver: {kind: web, command: [nginx, "{socket}"], service: true, install: [sh, -c, "a b"], anonymous: true}
                """).settings().apps().getFirst();
        assertThat(app.service()).contains(new Service(List.of("sh", "-c", "a b"), true));
        assertThat(app.idle()).isEqualTo(IdleRule.NEVER);
        assertThat(app.title()).isEqualTo("Nginx webserver");
    }

    @Test
    void a_service_may_have_hosts_or_be_trusted_without() {
        List<App> apps = written().file("""
                apps:
                  site: {kind: web, service: true, host: WWW.example.org}
                  docs: {kind: web, service: true, host: [docs.example.org, help.example.org]}
                  tool: {kind: web, service: true, trusted: true}
                """).settings().apps();
        assertThat(apps)
                .map(app -> app.service().orElseThrow().hosts())
                .containsExactly(
                        List.of("www.example.org"), List.of("docs.example.org", "help.example.org"), List.of());
        assertThat(apps).map(app -> app.service().orElseThrow().trusted()).containsExactly(false, false, true);
    }

    @Test
    void what_each_node_runs_is_a_service_and_may_have_a_front() {
        List<App> apps = written().file("""
                apps:
                  usual: {kind: web, per-node: 2, port: 6311}
                  other: {kind: web, per-node: 1, port: 6312, allow: [10.0.0.0/8], connections: 5, waiting: 0, wait: 2s,
                          idle: never, max-life: 1h, per-client: 7, stall: 3s}
                """).settings().apps();
        assertThat(apps).map(app -> app.service().orElseThrow().perNode()).containsExactly(2, 1);
        assertThat(apps)
                .map(app -> app.service().orElseThrow().front().orElseThrow())
                .containsExactly(
                        new FrontRules(
                                6311,
                                List.of(),
                                FrontRules.DEFAULT_CONNECTIONS,
                                FrontRules.DEFAULT_WAITING,
                                FrontRules.DEFAULT_PATIENCE,
                                FrontRules.DEFAULT_IDLE,
                                FrontRules.DEFAULT_MAX_LIFE),
                        new FrontRules(
                                        6312,
                                        List.of(Settings.network("10.0.0.0/8")),
                                        5,
                                        0,
                                        Duration.ofSeconds(2),
                                        Optional.empty(),
                                        Optional.of(Duration.ofHours(1)))
                                .of(7, Duration.ofSeconds(3)));
        assertThat(written().file("""
                apps:
                  bad: {kind: web, per-node: 65, port: 0, allow: [example.org]}
                  desk: {kind: web, port: 6311}
                  lone: {kind: web, service: true, connections: 5}
                """).said())
                .anyMatch(line -> line.contains("apps.bad.per-node"))
                .anyMatch(line -> line.contains("apps.bad.port"))
                .anyMatch(line -> line.contains("apps.bad.allow"))
                .anyMatch(line -> line.contains("apps.desk.port has a meaning for services only"))
                .anyMatch(line -> line.contains("apps.lone.connections has a meaning with a port only"));
    }

    @Test
    void what_has_a_meaning_for_services_or_for_others_only_is_said() {
        assertThat(written().file("""
                apps:
                  site: {kind: web, service: true, idle: 1h}
                  desk: {kind: web, anonymous: true, install: [sh], host: www.example.org}
                  both: {kind: web, service: true, host: a.example.org, trusted: true}
                """).said())
                .anyMatch(line -> line.contains("apps.site.idle has no meaning for a service"))
                .anyMatch(line -> line.contains("apps.desk.anonymous has a meaning for services only"))
                .anyMatch(line -> line.contains("apps.desk.install has a meaning for services only"))
                .anyMatch(line -> line.contains("apps.desk.host has a meaning for services only"))
                .anyMatch(line -> line.contains("apps.both.trusted has no meaning for a service with a host"));
    }

    @Test
    void an_anchor_may_be_used_again() {
        Settings settings = written().file("""
                apps:
                  a: {kind: shiny, groups: &g [one, two]}
                  b: {kind: shiny, groups: *g}
                """).settings();
        assertThat(settings.apps().get(1).audience().groups()).containsExactlyInAnyOrder("one", "two");
    }

    @Test
    void a_network_contains_its_addresses_and_no_others() {
        Network ten = Settings.network("10.0.0.0/9");
        assertThat(ten.contains(address("10.127.255.255"))).isTrue();
        assertThat(ten.contains(address("10.128.0.0"))).isFalse();
        assertThat(ten.contains(address("::ffff:0:0"))).isFalse();
        assertThat(Settings.network("fd00::/8").contains(address("fdab::1"))).isTrue();
        assertThat(ten).hasToString("10.0.0.0/9");
        assertThat(Settings.network("fd00::1")).hasToString("fd00:0:0:0:0:0:0:1/128");
    }

    private static byte[] address(String literal) {
        return InetAddress.ofLiteral(literal).getAddress();
    }
}
