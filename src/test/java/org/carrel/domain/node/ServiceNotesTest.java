package org.carrel.domain.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.carrel.domain.app.AppId;
import org.carrel.domain.session.ServiceKeys;
import org.junit.jupiter.api.Test;

class ServiceNotesTest {
    private static final AppId SITE = new AppId("site");

    @Test
    void what_is_to_run_is_read_from_the_metadata() {
        Metadata metadata =
                new Metadata(Map.of("service.site", "on", "service.other", "off", "service.-", "on", "services", "on"));
        assertThat(ServiceNotes.wanted(metadata)).containsExactly(SITE);
    }

    @Test
    void wanting_and_installing_are_told_apart() {
        Metadata wanted = Metadata.NONE.with(ServiceNotes.want(SITE)).with(ServiceNotes.installed(SITE, "abc"));
        assertThat(ServiceNotes.wanted(wanted)).containsExactly(SITE);
        assertThat(ServiceNotes.installed(wanted, SITE)).contains("abc");
        Metadata off = wanted.with(ServiceNotes.wantNoMore(SITE));
        assertThat(ServiceNotes.wanted(off)).isEmpty();
        assertThat(ServiceNotes.installed(off, SITE)).contains("abc");
    }

    @Test
    void copies_on_different_nodes_have_different_keys_however_long_the_names() {
        String longName = "a".repeat(62);
        Set<String> names = Set.of(
                ServiceKeys.of(SITE, new NodeName("n1")).name(),
                ServiceKeys.of(SITE, new NodeName("n2")).name(),
                ServiceKeys.of(SITE, new NodeName(longName + "b")).name(),
                ServiceKeys.of(SITE, new NodeName(longName + "c")).name());
        assertThat(names).hasSize(4);
        assertThat(ServiceKeys.isService(ServiceKeys.of(new AppId("a".repeat(40)), new NodeName("n1"))))
                .isTrue();
    }
}
