package org.carrel.simulate;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/// A bug as a patch against the sources: a line that says what is wrong, a line `Found by seed N: RULE`, and a unified
/// diff. Applied strictly: every hunk's lines must stand in the file exactly once, wherever that is.
record PlantedBug(String name, long seed, String rule, String patch) {
    private static final Path SOURCES = Path.of("src", "main", "java");
    private static final Path CLASSES = Path.of("target", "classes");
    private static final Pattern FOUND = Pattern.compile("(?m)^Found by seed (\\d+): (\\w+)$");
    private static final Pattern FILE = Pattern.compile("(?m)^\\+\\+\\+ b/src/main/java/(\\S+)$");

    static PlantedBug read(Path file) throws IOException {
        String name = file.getFileName().toString().replace(".patch", "");
        String patch = Files.readString(file);
        Matcher found = FOUND.matcher(patch);
        if (!found.find()) throw new AssertionError(name + " doesn't say by which seed it is found");
        return new PlantedBug(name, Long.parseLong(found.group(1)), found.group(2), patch);
    }

    /// What the scenario of its seed breaks when the bug is in.
    /// @param scratch an empty directory
    /// @throws AssertionError when it can't be put in any more
    Optional<String> brokenBy(Path scratch) throws Exception {
        Matcher name = FILE.matcher(patch);
        if (!name.find()) throw new AssertionError(this.name + " patches no file");
        Path file = scratch.resolve("src").resolve(name.group(1));
        Files.createDirectories(file.getParent());
        Files.writeString(file, applied(Files.readString(SOURCES.resolve(name.group(1)))));
        compile(file, Files.createDirectories(scratch.resolve("classes")));
        return brokenBy(seed, List.of(scratch.resolve("classes"), CLASSES));
    }

    private static Optional<String> brokenBy(long seed, List<Path> classes) throws Exception {
        List<URL> places = new ArrayList<>();
        for (Path path : classes) places.add(path.toUri().toURL());
        // nothing but the JDK above: whatever is loaded comes from there
        try (URLClassLoader loader =
                new URLClassLoader(places.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            Object answer = loader.loadClass(Simulator.class.getName())
                    .getMethod("brokenBy", long.class)
                    .invoke(null, seed);
            return ((Optional<?>) answer).map(String.class::cast);
        }
    }

    String applied(String source) {
        String text = source;
        String[] hunks = patch.split("(?m)^@@.*@@.*\n");
        if (hunks.length < 2) throw new AssertionError(name + " changes nothing");
        for (int i = 1; i < hunks.length; i++) {
            String before = lines(hunks[i], ' ', '-');
            int at = text.indexOf(before);
            if (at < 0 || text.indexOf(before, at + 1) >= 0)
                throw new AssertionError(name + " doesn't fit any more; these lines stand "
                        + (at < 0 ? "nowhere" : "twice") + " in the file:\n" + before);
            text = text.substring(0, at) + lines(hunks[i], ' ', '+') + text.substring(at + before.length());
        }
        return text;
    }

    private static String lines(String hunk, char one, char other) {
        StringBuilder lines = new StringBuilder();
        for (String line : hunk.lines().toList())
            if (!line.isEmpty() && (line.charAt(0) == one || line.charAt(0) == other))
                lines.append(line.substring(1)).append('\n');
        return lines.toString();
    }

    private void compile(Path source, Path to) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> words =
                    List.of("-proc:none", "-nowarn", "-cp", System.getProperty("java.class.path"), "-d", to.toString());
            if (!compiler.getTask(said, files, null, words, null, files.getJavaFileObjects(source))
                    .call()) throw new AssertionError(name + " doesn't compile any more: " + said);
        }
    }
}
