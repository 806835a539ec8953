package org.carrel.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.carrel.config.Tree.Fields;
import org.carrel.config.Tree.Items;
import org.carrel.config.Tree.Text;

/// One section being read. A value that is wrong is reported and then treated as if it weren't there, so that one
/// reading finds everything. Call `done` at the end: keys nobody asked for are errors.
final class Form {
    private static final int ITEMS_MOST = 1_000;

    private final Fields fields;
    private final String path;
    private final Report.Collector findings;
    private final Set<String> known = new LinkedHashSet<>();

    /// @param path of the section, dotted; empty at the top
    Form(Fields fields, String path, Report.Collector findings) {
        this.fields = fields;
        this.path = path;
        this.findings = findings;
    }

    Where where() {
        return fields.where();
    }

    /// Where a setting stands; the section when it isn't there.
    Where where(String key) {
        return fields.get(key).map(Tree::where).orElse(fields.where());
    }

    boolean has(String key) {
        return fields.values().containsKey(key);
    }

    String nameOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    void error(String key, String what) {
        findings.error(where(key), nameOf(key) + " " + what);
    }

    void warning(String key, String what) {
        findings.warning(where(key), nameOf(key) + " " + what);
    }

    /// The setting made into a value; an `IllegalArgumentException` of `make` is its message to the user.
    <T> Optional<T> value(String key, Function<String, T> make) {
        return text(key).flatMap(text -> made(key, text.where(), text.value(), make));
    }

    Optional<String> string(String key) {
        return value(key, Function.identity());
    }

    boolean flag(String key) {
        return value(key, word -> switch (word) {
                    case "true" -> true;
                    case "false" -> false;
                    default ->
                        throw new IllegalArgumentException("must be true or false, not \"" + Tree.shown(word) + "\"");
                })
                .orElse(false);
    }

    int number(String key, int least, int most, int otherwise) {
        return value(key, word -> {
                    if (!word.matches("\\d{1,9}") || Integer.parseInt(word) < least || Integer.parseInt(word) > most)
                        throw new IllegalArgumentException("must be a whole number from " + least + " to " + most
                                + ", not \"" + Tree.shown(word) + "\"");
                    return Integer.parseInt(word);
                })
                .orElse(otherwise);
    }

    Duration duration(String key, Duration least, Duration most, Duration otherwise) {
        return value(key, word -> {
                    Duration duration = Quantities.duration(word);
                    if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0)
                        throw new IllegalArgumentException("must be from " + Quantities.words(least) + " to "
                                + Quantities.words(most) + ", not \"" + word + "\"");
                    return duration;
                })
                .orElse(otherwise);
    }

    /// A duration, or `never` for an empty one.
    Optional<Duration> durationOrNever(String key, Optional<Duration> otherwise) {
        return value(
                        key,
                        word -> word.equals("never")
                                ? Optional.<Duration>empty()
                                : Optional.of(positive(Quantities.duration(word), word)))
                .orElse(otherwise);
    }

    private static Duration positive(Duration duration, String word) {
        if (duration.isZero())
            throw new IllegalArgumentException("must be more than 0, or never, not \"" + word + "\"");
        return duration;
    }

    long bytes(String key, long least, long most, long otherwise) {
        return value(key, word -> bounded(Quantities.bytes(word), least, most, word))
                .orElse(otherwise);
    }

    /// A size, or a share of `whole`.
    long bytesOf(String key, long whole, long least, long otherwise) {
        return value(key, word -> bounded(Quantities.bytesOf(word, whole), least, Long.MAX_VALUE, word))
                .orElse(otherwise);
    }

    private static long bounded(long bytes, long least, long most, String word) {
        if (bytes < least)
            throw new IllegalArgumentException(
                    "must be at least " + Quantities.words(least) + ", not \"" + word + "\"");
        if (bytes > most)
            throw new IllegalArgumentException("must be at most " + Quantities.words(most) + ", not \"" + word + "\"");
        return bytes;
    }

    /// A list; a single text stands for a list of one, and from a variable or flag for items separated by commas.
    <T> Optional<List<T>> list(String key, Function<String, T> make) {
        return tree(key).map(tree -> switch (tree) {
            case Text nothing when nothing.isNothing() -> List.<T>of();
            case Text text
            when !text.where().hasLine() -> {
                List<T> made = new ArrayList<>();
                for (String item : text.value().split(",", -1))
                    made(key, text.where(), item.strip(), make).ifPresent(made::add);
                yield made;
            }
            case Text text ->
                made(key, text.where(), text.value(), make).stream().toList();
            case Items items -> items(key, items, make);
            case Fields other -> {
                error(key, "must be a list, not " + other.shape());
                yield List.<T>of();
            }
        });
    }

    /// A list that must be written as one.
    List<String> words(String key) {
        return tree(key)
                .map(tree -> switch (tree) {
                    case Items items -> items(key, items, Function.identity());
                    case Text text -> {
                        error(
                                key,
                                "must be a list: ["
                                        + String.join(", ", text.value().strip().split("\\s+"))
                                        + "]; no shell reads it");
                        yield List.<String>of();
                    }
                    case Fields other -> {
                        error(key, "must be a list, not " + other.shape());
                        yield List.<String>of();
                    }
                })
                .orElse(List.of());
    }

    /// A section of free names, each with a text.
    Map<String, String> texts(String key) {
        Map<String, String> texts = new LinkedHashMap<>();
        section(key).ifPresent(inner -> {
            for (String name : inner.fields.values().keySet())
                inner.string(name).ifPresent(value -> texts.put(name, value));
        });
        return texts;
    }

    /// @return the form of a section; empty when it isn't there or isn't one (which is then reported)
    Optional<Form> section(String key) {
        return tree(key).flatMap(tree -> {
            if (tree instanceof Fields inner) return Optional.of(new Form(inner, nameOf(key), findings));
            if (tree instanceof Text text && text.isNothing())
                return Optional.of(new Form(Fields.empty(text.where()), nameOf(key), findings));
            error(key, "must be a section, not " + tree.shape());
            return Optional.empty();
        });
    }

    /// Like `section`, never absent: an empty form reads as all defaults.
    Form sectionOrEmpty(String key) {
        return section(key).orElseGet(() -> new Form(Fields.empty(fields.where()), nameOf(key), findings));
    }

    Set<String> keys() {
        return fields.values().keySet();
    }

    /// Where the key itself stands.
    Where keyWhere(String key) {
        Where where = fields.keyWhere().get(key);
        return where == null ? fields.where() : where;
    }

    /// Reports the keys nobody asked for.
    void done() {
        for (String key : fields.values().keySet()) {
            if (known.contains(key)) continue;
            String in = path.isEmpty() ? "" : " in " + path;
            findings.error(keyWhere(key), "unknown key \"" + Tree.shown(key) + "\"" + in + Nearest.hint(key, known));
        }
    }

    private Optional<Tree> tree(String key) {
        known.add(key);
        return fields.get(key);
    }

    private Optional<Text> text(String key) {
        Optional<Tree> tree = tree(key);
        if (tree.isEmpty()) return Optional.empty();
        if (tree.get() instanceof Text text && !text.isNothing()) return Optional.of(text);
        if (tree.get() instanceof Text) error(key, "has no value; leave the line out for the default");
        else error(key, "must be one value, not " + tree.get().shape());
        return Optional.empty();
    }

    private <T> List<T> items(String key, Items items, Function<String, T> make) {
        List<T> made = new ArrayList<>();
        if (items.items().size() > ITEMS_MOST) {
            error(key, "has more than " + ITEMS_MOST + " items");
            return made;
        }
        for (Tree item : items.items()) {
            if (item instanceof Text text && !text.isNothing())
                made(key, text.where(), text.value(), make).ifPresent(made::add);
            else findings.error(item.where(), nameOf(key) + " must hold texts, not " + item.shape());
        }
        return made;
    }

    private <T> Optional<T> made(String key, Where where, String value, Function<String, T> make) {
        try {
            return Optional.of(make.apply(value));
        } catch (IllegalArgumentException wrong) {
            findings.error(where, nameOf(key) + " " + wrong.getMessage());
            return Optional.empty();
        }
    }
}
