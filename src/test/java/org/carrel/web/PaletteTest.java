package org.carrel.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Contrasts of the palette in both themes. Source: WCAG 2.2, 1.4.3 (text 4.5:1), 1.4.11 (edges of controls 3:1).
class PaletteTest {
    private static final Pattern COLOUR =
            Pattern.compile("--([a-z-]+): light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\);");
    private static final List<String> GROUNDS = List.of("paper", "sheet", "sunk");

    private final Map<String, Pair> palette = colours("tokens.css");

    record Pair(String light, String dark) {
        String in(boolean dark) {
            return dark ? this.dark : light;
        }
    }

    @Test
    void text_is_read_with_ease_on_every_ground() {
        for (String ground : GROUNDS) {
            assertContrast("ink", ground, 7);
            assertContrast("soft", ground, 4.5);
            assertContrast("accent", ground, 4.5);
            assertContrast("warn", ground, 4.5);
            assertContrast("bad", ground, 4.5);
        }
    }

    @Test
    void coloured_words_are_read_on_their_own_wash() {
        assertContrast("accent", "accent-wash", 4.5);
        assertContrast("warn", "warn-wash", 4.5);
        assertContrast("bad", "bad-wash", 4.5);
    }

    @Test
    void the_main_button_is_read_at_rest_and_under_the_pointer() {
        assertContrast("on-accent", "accent", 4.5);
        assertContrast("on-accent", "accent-strong", 4.5);
    }

    @Test
    void the_edges_of_controls_are_seen() {
        assertContrast("edge", "sheet", 3);
        assertContrast("edge", "paper", 3);
    }

    @Test
    void the_bar_has_the_colours_of_the_pages() {
        Map<String, Pair> bar = colours("bar.css");
        assertThat(bar).isNotEmpty();
        bar.forEach((name, colour) -> {
            // the bar lies on strangers' pages: its edge is a little stronger in the dark
            if (!name.equals("line")) assertThat(colour).as(name).isEqualTo(palette.get(name));
        });
    }

    private void assertContrast(String front, String back, double least) {
        for (boolean dark : List.of(false, true))
            assertThat(contrast(palette.get(front).in(dark), palette.get(back).in(dark)))
                    .as("%s on %s, %s", front, back, dark ? "dark" : "light")
                    .isGreaterThanOrEqualTo(least);
    }

    private static Map<String, Pair> colours(String file) {
        Map<String, Pair> colours = new LinkedHashMap<>();
        COLOUR.matcher(WebFiles.read(file))
                .results()
                .forEach(it -> colours.put(it.group(1), new Pair(it.group(2), it.group(3))));
        return colours;
    }

    private static double contrast(String one, String other) {
        double a = luminance(one);
        double b = luminance(other);
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    }

    private static double luminance(String colour) {
        int rgb = Integer.parseInt(colour.substring(1), 16);
        return 0.2126 * linear(rgb >> 16) + 0.7152 * linear(rgb >> 8 & 0xff) + 0.0722 * linear(rgb & 0xff);
    }

    private static double linear(int channel) {
        double share = channel / 255.0;
        return share <= 0.04045 ? share / 12.92 : Math.pow((share + 0.055) / 1.055, 2.4);
    }
}
