package org.carrel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MethodRefEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.lang.constant.ClassDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The rules of the house, held over the compiled classes, so that they can't drift from the picture in
/// ARCHITECTURE.md.
class HouseTest {
    /// room -> rooms it may use; every room may use itself
    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            Map.entry("domain", Set.of()),
            Map.entry("simulate", Set.of("domain")),
            Map.entry("api", Set.of("domain")),
            Map.entry("http", Set.of("domain")),
            Map.entry("port", Set.of("domain", "api", "http")),
            Map.entry("trust", Set.of("domain")),
            Map.entry("door", Set.of("domain", "api", "http", "port", "trust")),
            Map.entry("launch", Set.of("domain", "api", "http", "port")),
            Map.entry("kind", Set.of("domain", "api", "http", "port", "launch")),
            Map.entry("auth", Set.of("domain", "api", "http", "port")),
            Map.entry("telemetry", Set.of("domain", "api", "http", "port")),
            Map.entry("config", Set.of("domain", "trust", "api", "http", "port")),
            Map.entry("ledger", Set.of("domain", "api", "http", "port")),
            Map.entry("cluster", Set.of("domain", "api", "http", "port", "config")),
            Map.entry("agent", Set.of("domain", "api", "http", "port", "launch", "kind", "telemetry", "config")),
            Map.entry(
                    "gateway", Set.of("domain", "api", "http", "port", "trust", "door", "auth", "telemetry", "config")),
            Map.entry("front", Set.of("domain", "port", "trust", "door")),
            Map.entry("control", Set.of("domain", "api", "http", "port", "auth", "telemetry", "config")),
            Map.entry("face", Set.of("domain", "api", "http", "port")),
            Map.entry("place", Set.of("domain", "http", "port")),
            Map.entry("home", Set.of("domain", "http", "port")),
            Map.entry("cli", Set.of("api")),
            Map.entry("hello", Set.of()),
            Map.entry(
                    "main",
                    Set.of(
                            "domain",
                            "api",
                            "http",
                            "port",
                            "trust",
                            "door",
                            "launch",
                            "kind",
                            "auth",
                            "telemetry",
                            "config",
                            "ledger",
                            "cluster",
                            "agent",
                            "place",
                            "home",
                            "gateway",
                            "front",
                            "control",
                            "face",
                            "simulate",
                            "cli",
                            "hello")));

    /// No launcher and no face imports its sibling: each can be taken out alone.
    private static final List<String> PLUG_IN_ROOMS = List.of("launch", "face");

    private static final Pattern OURS = Pattern.compile("org/carrel/([a-z]+)/(?:([a-z0-9]+)/)?");

    /// What values and decisions must not know.
    private static final List<String> FORBIDDEN_IN_DOMAIN = List.of(
            "java/io/",
            "java/nio/",
            "java/net/",
            "java/util/concurrent/",
            "java/lang/Thread",
            "java/lang/Process",
            "io/netty/",
            "java/util/Random",
            "java/security/SecureRandom",
            "java/time/Clock",
            "java/time/InstantSource",
            "org/slf4j/");

    private static final Set<String> FORBIDDEN_CALLS_IN_DOMAIN = Set.of(
            "java/time/Instant.now",
            "java/lang/System.nanoTime",
            "java/lang/System.currentTimeMillis",
            "java/util/UUID.randomUUID",
            "java/lang/Math.random");

    @Test
    void every_room_uses_only_the_rooms_below_it() throws IOException {
        List<String> trespasses = new ArrayList<>();
        for (ClassModel model : classes()) {
            String room = roomOf(model.thisClass().asInternalName());
            for (String used : usedRooms(model))
                if (!used.equals(room) && !MAY_USE.getOrDefault(room, Set.of()).contains(used))
                    trespasses.add(model.thisClass().asInternalName() + " uses " + used);
        }
        assertThat(trespasses).isEmpty();
    }

    @Test
    void every_room_stands_in_the_table() throws IOException {
        Set<String> rooms = new TreeSet<>();
        for (ClassModel model : classes()) rooms.add(roomOf(model.thisClass().asInternalName()));
        assertThat(MAY_USE.keySet()).containsAll(rooms);
    }

    @Test
    void the_domain_knows_no_clock_no_thread_no_file_and_no_socket() throws IOException {
        List<String> found = new ArrayList<>();
        for (ClassModel model : classes()) {
            String name = model.thisClass().asInternalName();
            if (!roomOf(name).equals("domain")) continue;
            for (String used : usedTypes(model))
                for (String forbidden : FORBIDDEN_IN_DOMAIN)
                    if (used.startsWith(forbidden)) found.add(name + " uses " + used);
            model.constantPool().forEach(entry -> {
                if (entry instanceof MethodRefEntry ref) {
                    String call =
                            ref.owner().asInternalName() + "." + ref.name().stringValue();
                    if (FORBIDDEN_CALLS_IN_DOMAIN.contains(call)) found.add(name + " calls " + call);
                }
            });
        }
        assertThat(found).isEmpty();
    }

    @Test
    void plug_ins_do_not_know_their_siblings() throws IOException {
        List<String> found = new ArrayList<>();
        for (ClassModel model : classes()) {
            String name = model.thisClass().asInternalName();
            Matcher own = OURS.matcher(name);
            if (!own.find() || own.group(2) == null || !PLUG_IN_ROOMS.contains(own.group(1))) continue;
            for (String used : usedTypes(model)) {
                Matcher other = OURS.matcher(used);
                if (other.find()
                        && own.group(1).equals(other.group(1))
                        && other.group(2) != null
                        && !own.group(2).equals(other.group(2))) found.add(name + " uses " + used);
            }
        }
        assertThat(found).isEmpty();
    }

    @Test
    void nobody_uses_java_serialisation() throws IOException {
        List<String> found = new ArrayList<>();
        for (ClassModel model : classes())
            for (String used : usedTypes(model))
                if (used.equals("java/io/ObjectInputStream") || used.equals("java/io/ObjectOutputStream"))
                    found.add(model.thisClass().asInternalName());
        assertThat(found).isEmpty();
    }

    private static List<ClassModel> classes() throws IOException {
        List<ClassModel> models = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of("target/classes/org/carrel"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".class")).toList())
                models.add(ClassFile.of().parse(file));
        }
        assertThat(models).as("compiled classes").hasSizeGreaterThan(30);
        return models;
    }

    private static String roomOf(String internalName) {
        Matcher matcher = OURS.matcher(internalName);
        return matcher.find() ? matcher.group(1) : "";
    }

    private static Set<String> usedRooms(ClassModel model) {
        Set<String> rooms = new TreeSet<>();
        for (String used : usedTypes(model)) {
            String room = roomOf(used);
            if (!room.isEmpty()) rooms.add(room);
        }
        return rooms;
    }

    /// Every class named in the constant pool, in descriptors and signatures too.
    private static Set<String> usedTypes(ClassModel model) {
        Set<String> types = new TreeSet<>();
        model.constantPool().forEach(entry -> {
            if (entry instanceof ClassEntry type) types.add(elementOf(type));
            if (entry instanceof Utf8Entry text) {
                Matcher inDescriptor = Pattern.compile("L([A-Za-z0-9_/$]+);?").matcher(text.stringValue());
                if (text.stringValue().startsWith("(") || text.stringValue().startsWith("L"))
                    while (inDescriptor.find()) types.add(inDescriptor.group(1));
            }
        });
        return types;
    }

    private static String elementOf(ClassEntry type) {
        ClassDesc description = type.asSymbol();
        while (description.isArray()) description = description.componentType();
        String text = description.descriptorString();
        return description.isPrimitive() ? text : text.substring(1, text.length() - 1);
    }
}
