package org.carrel.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.carrel.config.Tree.Fields;
import org.carrel.config.Tree.Items;
import org.carrel.config.Tree.Text;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.DocumentEndEvent;
import org.yaml.snakeyaml.events.DocumentStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;

/// Reads YAML as the parser's events, so that every part keeps its line and nothing is ever turned into an object of a
/// class the file names. Keeps the bounds: 1 MiB, 20,000 parts, 12 deep. An alias shares the part it means and is never
/// copied, and readers only walk what the settings know, so nested aliases can't blow up.
final class YamlTree {
    static final int BYTES_MOST = 1 << 20;
    private static final int PARTS_MOST = 20_000;
    private static final int DEPTH_MOST = 12;

    private final String source;
    private final Report.Collector findings;
    private final Iterator<Event> events;
    private final Map<String, Tree> anchors = new HashMap<>();
    private int parts;

    private YamlTree(String source, Iterator<Event> events, Report.Collector findings) {
        this.source = source;
        this.events = events;
        this.findings = findings;
    }

    /// @param named the file as messages call it
    /// @return its top section; empty when findings now hold an error that leaves nothing to read
    static Optional<Fields> file(Path file, String named, Report.Collector findings) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(BYTES_MOST + 1);
            if (bytes.length > BYTES_MOST) {
                findings.error(Where.of(named), "is larger than 1 MiB");
                return Optional.empty();
            }
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text(text, named, findings);
        } catch (CharacterCodingException notText) {
            findings.error(Where.of(named), "is not text in UTF-8");
        } catch (NoSuchFileException absent) {
            findings.error(Where.of(named), "no such file");
        } catch (IOException unreadable) {
            findings.error(Where.of(named), "can't be read: " + unreadable);
        }
        return Optional.empty();
    }

    static Optional<Fields> text(String text, String named, Report.Collector findings) {
        findings.excerpt(named, text.lines().toList());
        return document(text, named, findings).flatMap(tree -> switch (tree) {
            case Fields fields -> Optional.of(fields);
            case Text nothing when nothing.isNothing() -> Optional.of(Fields.empty(nothing.where()));
            case Text other -> notASection(other, findings);
            case Items other -> notASection(other, findings);
        });
    }

    private static Optional<Fields> notASection(Tree tree, Report.Collector findings) {
        findings.error(tree.where(), "must be lines of \"key: value\", not " + tree.shape());
        return Optional.empty();
    }

    /// Any one value; for variables and flags too.
    static Optional<Tree> document(String text, String named, Report.Collector findings) {
        try {
            Yaml yaml = new Yaml(new LoaderOptions());
            return new YamlTree(named, yaml.parse(new StringReader(text)).iterator(), findings).document();
        } catch (Stop stopped) {
            findings.error(stopped.where, stopped.what);
        } catch (MarkedYAMLException broken) {
            Mark mark = broken.getProblemMark();
            Where where = mark == null ? Where.of(named) : new Where(named, mark.getLine() + 1, mark.getColumn() + 1);
            String context = broken.getContext() == null ? "" : " (" + broken.getContext() + ")";
            findings.error(where, "not YAML: " + broken.getProblem() + context);
        } catch (YAMLException broken) {
            findings.error(Where.of(named), "not YAML: " + Tree.shown(String.valueOf(broken.getMessage())));
        }
        return Optional.empty();
    }

    private Optional<Tree> document() throws Stop {
        Tree tree = new Text(new Where(source, 1, 1), "", false);
        boolean seen = false;
        while (events.hasNext()) {
            Event event = events.next();
            if (event instanceof DocumentStartEvent start) {
                if (seen) throw new Stop(at(start), "a second document begins here; one file holds one");
                seen = true;
                Event first = events.next();
                if (!(first instanceof DocumentEndEvent)) tree = part(first, 0);
            }
        }
        return Optional.of(tree);
    }

    private Tree part(Event event, int depth) throws Stop {
        Where where = at(event);
        if (++parts > PARTS_MOST) throw new Stop(where, "more than " + PARTS_MOST + " values");
        if (depth > DEPTH_MOST) throw new Stop(where, "nested more than " + DEPTH_MOST + " deep");
        if (event instanceof AliasEvent alias) {
            Tree meant = anchors.get(alias.getAnchor());
            if (meant == null) throw new Stop(where, "\"*" + alias.getAnchor() + "\" stands within what it means");
            return meant;
        }
        Tree tree = switch (event) {
            case ScalarEvent scalar -> {
                refuseTag(scalar.getTag(), where);
                yield new Text(where, scalar.getValue(), scalar.getScalarStyle() != ScalarStyle.PLAIN);
            }
            case SequenceStartEvent list -> items(list, where, depth);
            case MappingStartEvent section -> fields(section, where, depth);
            default -> throw new Stop(where, "unexpected " + event.getEventId());
        };
        if (event instanceof NodeEvent node && node.getAnchor() != null) anchors.put(node.getAnchor(), tree);
        return tree;
    }

    private Items items(CollectionStartEvent start, Where where, int depth) throws Stop {
        refuseTag(start.getTag(), where);
        List<Tree> items = new ArrayList<>();
        for (Event next = events.next(); !next.is(Event.ID.SequenceEnd); next = events.next())
            items.add(part(next, depth + 1));
        return new Items(where, items);
    }

    private Fields fields(CollectionStartEvent start, Where where, int depth) throws Stop {
        refuseTag(start.getTag(), where);
        Map<String, Tree> values = new LinkedHashMap<>();
        Map<String, Where> places = new LinkedHashMap<>();
        for (Event next = events.next(); !next.is(Event.ID.MappingEnd); next = events.next()) {
            Where keyWhere = at(next);
            Tree key = part(next, depth + 1);
            Tree value = part(events.next(), depth + 1);
            if (!(key instanceof Text text)) {
                findings.error(keyWhere, "a key must be text, not " + key.shape());
            } else if (text.value().equals("<<") && !text.quoted()) {
                findings.error(keyWhere, "merge keys (\"<<\") aren't supported; write the lines out");
            } else if (values.containsKey(text.value())) {
                findings.error(
                        keyWhere,
                        "\"" + Tree.shown(text.value()) + "\" stands here a second time; first in line "
                                + places.getOrDefault(text.value(), where).line());
            } else {
                values.put(text.value(), value);
                places.put(text.value(), keyWhere);
            }
        }
        return new Fields(where, values, places);
    }

    private void refuseTag(String tag, Where where) {
        if (tag != null) findings.error(where, "tags (\"" + Tree.shown(tag) + "\") aren't allowed");
    }

    private Where at(Event event) {
        Mark mark = event.getStartMark();
        return new Where(source, mark.getLine() + 1, mark.getColumn() + 1);
    }

    /// Nothing after this point can be understood.
    private static final class Stop extends Exception {
        private final Where where;
        private final String what;

        Stop(Where where, String what) {
            super(what);
            this.where = where;
            this.what = what;
        }
    }
}
