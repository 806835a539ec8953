package org.carrel.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is refused, word for word: file, line and column, what is wrong, and the nearest right thing.
class SettingsProblemsTest {
    @TempDir
    Path directory;

    private List<String> said(String text) {
        return new Written(directory).file(text).said();
    }

    @Test
    void all_problems_are_said_at_once_in_the_order_of_the_file() {
        assertThat(said("""
                lisen: 127.0.0.1:80
                hosts: [r.lab.example, "http://x"]
                node:
                  capacity: {memory: lots, sessions: -1}
                drain: 30
                log: jsno
                apps:
                  Faithful: {kind: shiny}
                  faithful:
                    kind: shinny
                    idel: 1h
                    memory: 1K
                    idle: 5m
                    idle-warning: 10m
                    start-timeout: 2h
                    resume-window: 1s
                  tool:
                    command: python3 -m http.server
                upgrade-drain: 2d
                """))
                .containsExactly(
                        "carrel.yaml:1:1: error: unknown key \"lisen\"; did you mean \"listen\"?",
                        "carrel.yaml:2:24: error: hosts must be a host name such as r.lab.example, without scheme and port, not \"http://x\"",
                        "carrel.yaml:4:22: error: node.capacity.memory must be a size such as 512M or 2G, not \"lots\"",
                        "carrel.yaml:4:38: error: node.capacity.sessions must be a whole number from 0 to 10000, not \"-1\"",
                        "carrel.yaml:5:8: error: drain must be a duration such as 90s, 30m, 1h or 2d, not \"30\"; the unit is missing: 30s, 30m or 30h?",
                        "carrel.yaml:6:6: error: log must be plain or json, not \"jsno\"; did you mean \"json\"?",
                        "carrel.yaml:8:3: error: the name of an app must be 1 to 40 of a-z 0-9 _ -, first a letter, not \"Faithful\"",
                        "carrel.yaml:10:11: error: apps.faithful.kind must be one of jupyter, shiny, web, not \"shinny\"; did you mean \"shiny\"?",
                        "carrel.yaml:11:5: error: unknown key \"idel\" in apps.faithful; did you mean \"idle\"?",
                        "carrel.yaml:12:13: error: apps.faithful.memory must be at least 16M, not \"1K\"",
                        "carrel.yaml:14:19: error: apps.faithful.idle-warning must be shorter than idle (5m), not \"10m\"",
                        "carrel.yaml:15:20: error: apps.faithful.start-timeout must be from 1s to 1h, not \"2h\"",
                        "carrel.yaml:16:20: error: apps.faithful.resume-window must be from 5s to 1h, or never, not \"1s\"",
                        "carrel.yaml:18:5: error: apps.tool.kind is missing; it is one of jupyter, shiny, web",
                        "carrel.yaml:18:14: error: apps.tool.command must be a list: [python3, -m, http.server]; no shell reads it",
                        "carrel.yaml:19:16: error: upgrade-drain must be from 0s to 1d, not \"2d\"");
    }

    @Test
    void a_host_belongs_to_one_service_and_neither_to_the_portal_nor_to_sessions() {
        assertThat(said("""
                hosts: [r.example.org]
                sessions: {domain: "*.content.example"}
                apps:
                  a: {kind: web, service: true, host: [www.example.org, "www.example.org"]}
                  b: {kind: web, service: true, host: WWW.example.org}
                  c: {kind: web, service: true, host: r.example.org}
                  d: {kind: web, service: true, host: [x.content.example, content.example]}
                  e: {kind: web, service: true, host: [localhost, 192.168.1.7]}
                  f: {kind: web, service: true, host: "*.example.net"}
                  g: {kind: web, service: true, host: notcontent.example}
                """))
                .containsExactly(
                        "carrel.yaml:4:57: error: apps.a.host holds www.example.org twice",
                        "carrel.yaml:5:39: error: apps.b.host must not be www.example.org, which is the host of apps.a already",
                        "carrel.yaml:6:39: error: apps.c.host must not be r.example.org, which is the portal's own name: a service there would speak for the portal; give it a name of its own",
                        "carrel.yaml:7:40: error: apps.d.host must not be x.content.example: the names below content.example belong to sessions (sessions.domain); give it a name outside",
                        "carrel.yaml:7:59: error: apps.d.host must not be content.example: the names below content.example belong to sessions (sessions.domain); give it a name outside",
                        "carrel.yaml:8:40: error: apps.e.host must not be localhost, which is the portal's own name: a service there would speak for the portal; give it a name of its own",
                        "carrel.yaml:8:51: error: apps.e.host must be a host name, not the address 192.168.1.7: by its addresses the portal is reached",
                        "carrel.yaml:9:39: error: apps.f.host must be a host name such as r.lab.example, without scheme and port, not \"*.example.net\"");
    }

    @Test
    void a_variable_that_could_mean_two_apps_is_refused_when_it_is_used() {
        String apps = """
                apps:
                  a-b: {kind: web, memory: 100M}
                  a_b: {kind: web, memory: 100M}
                """;
        assertThat(said(apps)).isEmpty();
        assertThat(new Written(directory)
                        .file(apps)
                        .variable("CARREL_APPS_A_B_MEMORY", "200M")
                        .said())
                .containsExactly(
                        "CARREL_APPS_A_B_MEMORY: error: could mean apps.a-b.memory or apps.a_b.memory; say it in the file, or by --apps.a-b.memory");
    }

    @Test
    void problems_of_the_cluster_are_said() {
        assertThat(said("""
                cluster:
                  name: My Lab
                  key: nowhere
                  adress: 10.0.0.1
                  address: 0.0.0.0
                  port: 0
                  peers: [n2:x, "http://n3", "10.0.0.1:70000"]
                  mdns: onn
                  strategy: sprad
                  web: {door: on, doors: ["https://n3", "wss://a@n4", "wss://"]}
                """))
                .containsExactly(
                        "carrel.yaml:2:9: error: cluster.name must be 1 to 40 of a-z 0-9 -, not \"My Lab\"",
                        "carrel.yaml:3:8: error: cluster.key is no directory: nowhere; carrel init makes one, or copy another node's",
                        "carrel.yaml:4:3: error: unknown key \"adress\" in cluster; did you mean \"address\"?",
                        "carrel.yaml:5:12: error: cluster.address must be an address of this machine that other nodes reach, such as 192.168.1.7, not \"0.0.0.0\"",
                        "carrel.yaml:6:9: error: cluster.port must be a whole number from 1 to 65535, not \"0\"",
                        "carrel.yaml:7:11: error: cluster.peers must be a host, or a host and the port of its door such as 192.168.1.7:7443, not \"n2:x\"",
                        "carrel.yaml:7:17: error: cluster.peers must be a host, or a host and the port of its door such as 192.168.1.7:7443, not \"http://n3\"",
                        "carrel.yaml:7:30: error: cluster.peers must be a host, or a host and the port of its door such as 192.168.1.7:7443, not \"10.0.0.1:70000\"",
                        "carrel.yaml:8:9: error: cluster.mdns must be auto, on or off, not \"onn\"; did you mean \"on\"?",
                        "carrel.yaml:9:13: error: cluster.strategy must be one of fewest-sessions, pack, spread, not \"sprad\"; did you mean \"spread\"?",
                        "carrel.yaml:10:15: error: cluster.web.door must be true or false, not \"on\"",
                        "carrel.yaml:10:27: error: cluster.web.doors must be a URL such as wss://proxy.example/n3, at most 500 characters",
                        "carrel.yaml:10:41: error: cluster.web.doors must be a URL such as wss://proxy.example/n3, at most 500 characters",
                        "carrel.yaml:10:55: error: cluster.web.doors must be a URL such as wss://proxy.example/n3, at most 500 characters");
    }

    @Test
    void problems_of_the_faces_are_said() {
        assertThat(said("""
                faces:
                  maat:
                    listen: 192.168.1.7:8785
                    process: /usr/lib/rstudio/rsession
                    processes-per-user: 0
                    request-live: 20s
                    request-life: 1h
                """))
                .containsExactly(
                        "carrel.yaml:3:13: error: faces.maat.listen is reachable from other machines, where nobody signs in: name those that may ask in from, such as from: [192.168.1.0/24]",
                        "carrel.yaml:4:14: error: faces.maat.process must be the name of a process such as rsession, without its path, not \"/usr/lib/rstudio/rsession\"",
                        "carrel.yaml:5:25: error: faces.maat.processes-per-user must be a whole number from 1 to 1000, not \"0\"",
                        "carrel.yaml:6:5: error: unknown key \"request-live\" in faces.maat; did you mean \"request-life\"?",
                        "carrel.yaml:7:19: error: faces.maat.request-life must be from 1s to 10m, not \"1h\"");
    }

    @Test
    void wrong_shapes_are_named() {
        assertThat(said("""
                node: n1
                apps: [faithful]
                drain: {a: 1}
                hosts: {a: b}
                insecure: yes
                sign-in: {file: }
                """))
                .containsExactly(
                        "carrel.yaml:1:7: error: node must be a section, not \"n1\"",
                        "carrel.yaml:2:7: error: apps must be a section, not a list",
                        "carrel.yaml:3:8: error: drain must be one value, not a section",
                        "carrel.yaml:4:8: error: hosts must be a list, not a section",
                        "carrel.yaml:5:11: error: insecure must be true or false, not \"yes\"",
                        "carrel.yaml:6:16: error: sign-in.file has no value; leave the line out for the default");
    }

    @Test
    void a_key_may_stand_only_once() {
        assertThat(said("log: json\ndrain: 1s\nlog: plain\n"))
                .containsExactly("carrel.yaml:3:1: error: \"log\" stands here a second time; first in line 1");
    }

    @Test
    void tags_and_merge_keys_are_refused() {
        assertThat(said("log: !!javax.script.ScriptEngineManager [x]\nnode:\n  <<: {name: n1}\n"))
                .contains(
                        "carrel.yaml:1:6: error: tags (\"tag:yaml.org,2002:javax.script.ScriptEngineManager\") aren't allowed",
                        "carrel.yaml:3:3: error: merge keys (\"<<\") aren't supported; write the lines out");
    }

    @Test
    void broken_yaml_has_its_line() {
        assertThat(said("listen: 127.0.0.1:80\nnode: {name: n1\ndrain: 1s\n"))
                .singleElement()
                .asString()
                .startsWith("carrel.yaml:3:6: error: not YAML: expected ',' or '}', but got :");
        assertThat(said("a: 1\n\tb: 2\n"))
                .singleElement()
                .asString()
                .startsWith("carrel.yaml:2:1: error: not YAML: found character '\\t(TAB)'");
    }

    @Test
    void one_file_holds_one_document_and_begins_with_keys() {
        assertThat(said("log: json\n---\nlog: plain\n"))
                .containsExactly("carrel.yaml:2:1: error: a second document begins here; one file holds one");
        assertThat(said("- a\n"))
                .containsExactly("carrel.yaml:1:1: error: must be lines of \"key: value\", not a list");
    }

    @Test
    @Timeout(10)
    void nested_aliases_do_not_blow_up() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
        for (int i = 1; i < 60; i++) bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
        assertThat(said(bomb + "hosts: *a59\n"))
                .hasSizeBetween(60, 100)
                .contains("carrel.yaml:59:6: error: hosts must hold texts, not a list");
        assertThat(said("hosts: &a [*a]\n"))
                .containsExactly("carrel.yaml:1:12: error: \"*a\" stands within what it means");
    }

    @Test
    void depth_and_size_are_bounded() throws Exception {
        assertThat(said("a: " + "[".repeat(50) + "]".repeat(50)))
                .containsExactly("carrel.yaml:1:16: error: nested more than 12 deep");
        assertThat(said("a: [" + "x,".repeat(20_001) + "]"))
                .singleElement()
                .asString()
                .contains("more than 20000 values");
        assertThat(said("# " + "x".repeat(1 << 20))).containsExactly("carrel.yaml: error: is larger than 1 MiB");
        Files.write(directory.resolve("carrel.yaml"), "log: \u00e9".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(new Written(directory).said()).containsExactly("carrel.yaml: error: is not text in UTF-8");
    }

    @Test
    void plain_http_from_other_machines_must_be_accepted_knowingly() {
        assertThat(said("hosts: [r]\nlisten: 0.0.0.0:80"))
                .singleElement()
                .asString()
                .startsWith(
                        "carrel.yaml:2:9: error: listen is reachable from other machines, and passwords would travel");
        assertThat(said("listen: 0.0.0.0:80\ninsecure: true")).isEmpty();
        assertThat(said("listen: 0.0.0.0:80\ntrusted-proxies: [10.1.1.1]"))
                .singleElement()
                .asString()
                .contains("warning: listen is reachable");
    }

    @Test
    void addresses_are_never_looked_up() {
        assertThat(
                        said(
                                "listen: [example.com:80, \"::1:80\", \"1.2.3.4\", 70000]\ntrusted-proxies: [proxy, 1.2.3.4/33]"))
                .hasSize(6)
                .allMatch(line -> line.contains(" must be an address"));
    }

    @Test
    void a_domain_beside_the_portal_is_doubtful() {
        assertThat(said("hosts: [r.lab.example]\nsessions: {domain: \"*.s.lab.example\"}"))
                .containsExactly("carrel.yaml:2:20: warning: sessions.domain shares its parent \"lab.example\" with the"
                        + " portal r.lab.example: apps could toss cookies at the portal; a domain of its own is safer");
    }

    @Test
    void variables_and_flags_are_named_as_the_place() {
        assertThat(new Written(directory)
                        .variable("CARREL_DRAIN", "soon")
                        .variable("CARREL_LISTN", "x")
                        .variable("CARREL_TOKEN", "not a setting")
                        .flag("node.nam", "n1")
                        .flag("node.name", "N 1")
                        .said())
                .containsExactlyInAnyOrder(
                        "CARREL_DRAIN: error: drain must be a duration such as 90s, 30m, 1h or 2d, not \"soon\"",
                        "CARREL_LISTN: warning: is no setting; did you mean CARREL_LISTEN?",
                        "--node.nam: error: is no setting; did you mean \"node.name\"?",
                        "--node.name: error: node.name the name of a node must match [a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?, not \"N 1\"");
    }

    @Test
    void secrets_in_variables_of_sessions_are_doubtful() {
        assertThat(said("apps: {a: {kind: web, env: {DB_PASSWORD: x, \"a b\": y}}}"))
                .containsExactlyInAnyOrder(
                        "carrel.yaml:1:28: warning: apps.a.env holds DB_PASSWORD: a variable is no place for secrets, they can be read in /proc",
                        "carrel.yaml:1:28: error: apps.a.env holds \"a b\", which can't be the name of a variable");
    }

    @Test
    void messages_carry_no_control_characters() {
        assertThat(said("\"\\e[31mred\": 1\nlog: \"\\e]0;x\\a\""))
                .hasSize(2)
                .allMatch(line -> line.chars().noneMatch(c -> c < 32));
    }

    @Test
    void a_named_file_must_exist() {
        Configuration named = new Written(directory).configuration();
        Configuration absent = new Configuration(
                Optional.of(directory.resolve("x.yaml")),
                named.environment(),
                named.flags(),
                named.kinds(),
                named.places(),
                named.machine(),
                Optional.empty());
        assertThat(absent.load().report().lines()).containsExactly(directory + "/x.yaml: error: no such file");
    }

    @Test
    void the_pretty_form_shows_the_line_and_the_place() {
        Report report = new Written(directory)
                .file("apps:\n  a:\n    kind: web\n    idel: 1h\n")
                .configuration()
                .load()
                .report();
        assertThat(report.pretty().replace(directory + "/", "")).isEqualTo("""
                carrel.yaml:4:5: error: unknown key "idel" in apps.a; did you mean "idle"?
                    4 |     idel: 1h
                      |     ^
                """);
    }

    @Test
    void labels_are_names_with_values() {
        assertThat(said("""
                node:
                  labels: {gpu: "a 100", "": x, zone: b}
                """))
                .containsExactly(
                        "carrel.yaml:2:11: error: node.labels holds \"a 100\"; names and values are 1 to 40 of a-z A-Z 0-9 _ . -",
                        "carrel.yaml:2:11: error: node.labels holds \"\"; names and values are 1 to 40 of a-z A-Z 0-9 _ . -");
    }

    @Test
    void a_server_that_runs_already_is_named_wholly_or_not_at_all() {
        assertThat(new Written(directory)
                        .kinds(Set.of("rstudio", "web"))
                        .file("""
                apps:
                  a: {kind: rstudio, rserver: run/rserver.sock, secure-cookie-key: key, accounts: {"*": "*"}}
                  b: {kind: rstudio, rserver: "10.0.0.1:8787"}
                  c: {kind: rstudio, rserver: 127.0.0.1:8787, secure-cookie-key: /k, accounts: {"A da": x, ada: "-r"}}
                  d: {kind: rstudio, accounts: {ada: ada}}
                  e: {kind: web, command: [x], rserver: /s, secure-cookie-key: /k, accounts: {ada: ada}}
                  f: {kind: rstudio, rserver: 127.0.0.1:99999, secure-cookie-key: /k, accounts: {ada: ada}}
                """)
                        .said())
                .containsExactly(
                        "carrel.yaml:2:31: error: apps.a.rserver must be the path of a socket (www-socket) or a port of loopback, as /run/rstudio-server/rserver.sock or 127.0.0.1:8787, not \"run/rserver.sock\"",
                        "carrel.yaml:2:68: error: apps.a.secure-cookie-key must be the absolute path of a file, not \"key\"",
                        "carrel.yaml:3:31: error: apps.b.rserver must be the path of a socket (www-socket) or a port of loopback, as /run/rstudio-server/rserver.sock or 127.0.0.1:8787, not \"10.0.0.1:8787\"",
                        "carrel.yaml:3:31: error: apps.b.rserver needs secure-cookie-key, the file by which rserver knows its users; usually /var/lib/rstudio-server/secure-cookie-key, the same on all machines",
                        "carrel.yaml:3:31: error: apps.b.rserver needs accounts, who has which account of the machine: {ada: alovelace}; {\"*\": \"*\"} gives everybody the one of their own name",
                        "carrel.yaml:4:80: error: apps.c.accounts holds \"A da\", which can't be a user's name",
                        "carrel.yaml:4:80: error: apps.c.accounts holds \"-r\", which can't be an account",
                        "carrel.yaml:5:32: error: apps.d.accounts has a meaning with rserver only: the server that runs already",
                        "carrel.yaml:6:41: error: apps.e.rserver has a meaning for users' apps of the kind rstudio only",
                        "carrel.yaml:7:31: error: apps.f.rserver must be the path of a socket (www-socket) or a port of loopback, as /run/rstudio-server/rserver.sock or 127.0.0.1:8787, not \"127.0.0.1:99999\"");
    }
}
