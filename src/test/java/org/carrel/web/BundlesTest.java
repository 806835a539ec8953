package org.carrel.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The words of the pages: every language says all of them, and nothing is said that nobody asked for.
class BundlesTest {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final Pattern LITERAL = Pattern.compile("\"([a-z]+\\.[a-z.-]*[a-z])\"");
    private static final Pattern PATTERN = Pattern.compile("`([a-z]+\\.(?:[a-z-]+\\.)?)\\$\\{");
    private static final Pattern BAR = Pattern.compile("\\b(?:t|button)\\(\"([a-z-]+)\"");
    private static final Pattern PLACE = Pattern.compile("\\{\\w+}");
    private static final Set<String> PLURALS = Set.of("zero", "one", "two", "few", "many", "other");

    private final Map<String, String> english = bundle("en");

    @Test
    void every_language_is_offered_and_every_offer_is_a_language() {
        Set<String> files = WebFiles.named(".json").stream()
                .map(name -> name.replaceAll("^messages/|\\.json$", ""))
                .filter(name -> !name.equals("languages"))
                .collect(Collectors.toSet());
        assertThat(read("languages").keySet()).isEqualTo(files);
    }

    @Test
    void every_language_has_the_keys_of_english() {
        for (String language : read("languages").keySet())
            assertThat(bundle(language).keySet()).as(language).isEqualTo(english.keySet());
    }

    @Test
    void every_translation_has_the_places_of_the_english_sentence() {
        for (String language : read("languages").keySet())
            bundle(language)
                    .forEach((key, words) -> assertThat(places(words))
                            .as("%s in %s", key, language)
                            .isEqualTo(places(english.get(key))));
    }

    @Test
    void every_key_that_a_script_uses_exists() {
        Set<String> sections =
                english.keySet().stream().map(BundlesTest::section).collect(Collectors.toSet());
        Set<String> missing = new TreeSet<>();
        for (String script : scripts()) {
            String source = WebFiles.read(script);
            for (String key : found(LITERAL, source))
                if (sections.contains(section(key)) && !key.endsWith(".css") && !isKey(key)) missing.add(key);
            for (String start : found(PATTERN, source))
                if (sections.contains(section(start))
                        && english.keySet().stream().noneMatch(it -> it.startsWith(start))) missing.add(start + "…");
        }
        for (String key : found(BAR, WebFiles.read("bar.js"))) if (!isKey("bar." + key)) missing.add("bar." + key);
        assertThat(missing).isEmpty();
    }

    private boolean isKey(String key) {
        return english.containsKey(key) || english.containsKey(key + ".other");
    }

    private static String section(String key) {
        return key.substring(0, key.indexOf('.'));
    }

    @Test
    void every_key_is_used() {
        Set<String> used = new TreeSet<>();
        Set<String> starts = new TreeSet<>();
        for (String script : scripts()) {
            used.addAll(found(LITERAL, WebFiles.read(script)));
            starts.addAll(found(PATTERN, WebFiles.read(script)));
        }
        found(BAR, WebFiles.read("bar.js")).forEach(key -> used.add("bar." + key));
        List<String> idle = english.keySet().stream()
                .filter(key -> !used.contains(key) && !used.contains(stem(key)))
                .filter(key -> starts.stream().noneMatch(key::startsWith))
                .toList();
        assertThat(idle).isEmpty();
    }

    private static String stem(String key) {
        int dot = key.lastIndexOf('.');
        return PLURALS.contains(key.substring(dot + 1)) ? key.substring(0, dot) : key;
    }

    private static List<String> scripts() {
        return WebFiles.named(".js");
    }

    private static Set<String> found(Pattern pattern, String source) {
        return pattern.matcher(source).results().map(it -> it.group(1)).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> places(String words) {
        return PLACE.matcher(words).results().map(it -> it.group()).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Map<String, String> bundle(String language) {
        return read(language);
    }

    private static Map<String, String> read(String name) {
        try {
            return JSON.readValue(
                    WebFiles.read("messages/" + name + ".json"), new TypeReference<TreeMap<String, String>>() {});
        } catch (IOException broken) {
            throw new AssertionError(name + ".json: " + broken.getMessage(), broken);
        }
    }
}
