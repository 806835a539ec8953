package org.carrel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.carrel.api.Json;
import org.carrel.api.NodeInfo;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

class InventoryTest {
    @Test
    void the_yaml_says_what_the_json_says() throws IOException {
        Inventory inventory = new Inventory(
                List.of(node("n2", "up", "10.0.0.2:7444", "0.10"), node("007", "suspect", "10.0.0.7:7444", "1")),
                false);
        Map<String, Object> all = new Yaml().load(inventory.yaml());
        Map<String, Object> children = of(of(all.get("all")).get("children"));
        assertThat(children).containsOnlyKeys("carrel", "carrel_up", "carrel_suspect");
        Map<String, Object> hosts = of(of(children.get("carrel")).get("hosts"));
        assertThat(Json.readTree(Json.bytes(hosts)))
                .isEqualTo(Json.readTree(Json.bytes(inventory.list())).at("/_meta/hostvars"));
        assertThat(of(hosts.get("n2"))).containsEntry("carrel_version", "0.10");
        assertThat(of(of(children.get("carrel_suspect")).get("hosts"))).containsOnlyKeys("007");
    }

    @Test
    void a_cluster_of_none_is_an_empty_group() {
        Map<String, Object> all = new Yaml().load(new Inventory(List.of(), false).yaml());
        assertThat(all).isEqualTo(Map.of("all", Map.of("children", Map.of("carrel", Map.of("hosts", Map.of())))));
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.7:7444,10.0.0.7", "[fd00::7]:7444,fd00::7", "n7.lab.example:7444,n7.lab.example"})
    void the_address_is_without_port_and_brackets(String address, String host) {
        assertThat(only(node("n7", "up", address, "1"))).containsEntry("ansible_host", host);
    }

    @Test
    void a_node_that_has_said_nothing_has_no_figures() {
        assertThat(only(node("n7", "joining", "10.0.0.7:7444", "")))
                .containsOnlyKeys("ansible_host", "carrel_state", "carrel_member_address");
    }

    @Test
    void nothing_a_node_says_of_itself_becomes_a_template() {
        Map<String, Object> variables =
                only(node("n7", "up", "10.0.0.7:7444", "{{ lookup('pipe', 'id') }}\n  ansible_host: evil"));
        assertThat(String.valueOf(variables.get("carrel_version"))).doesNotContain("{", "}", "'", "\n");
        assertThat(only(node("n7", "u{p", "10.0.0.7:7444", "1"))).containsEntry("carrel_state", "u_p");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "n 7", "n7\nevil", "n7:", "N7", "{{x}}", "-n7", "[carrel]"})
    void a_name_that_is_none_makes_no_inventory(String name) {
        List<NodeInfo> nodes = List.of(node(name, "up", "10.0.0.7:7444", "1"));
        assertThatThrownBy(() -> new Inventory(nodes, false))
                .hasMessageContaining("is no name of a node")
                .hasMessageNotContaining("\n");
    }

    @Test
    void two_nodes_of_one_name_make_no_inventory() {
        List<NodeInfo> nodes = List.of(node("n7", "up", "10.0.0.7:7444", "1"), node("n7", "up", "10.0.0.8:7444", "1"));
        assertThatThrownBy(() -> new Inventory(nodes, false)).hasMessageContaining("two nodes are called n7");
    }

    private static Map<String, Object> only(NodeInfo node) {
        return new Inventory(List.of(node), false).host(node.name()).orElseThrow();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> of(@Nullable Object map) {
        return (Map<String, Object>) map;
    }

    private static NodeInfo node(String name, String state, String address, String version) {
        return new NodeInfo(
                name,
                version,
                state,
                Instant.EPOCH,
                1,
                40,
                0,
                0,
                1,
                2,
                3,
                4,
                5,
                6,
                7,
                8,
                "",
                List.of(),
                Map.of(),
                List.of(),
                Map.of(),
                address,
                null,
                null,
                null,
                null);
    }
}
