import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.ImportOrderer;
import com.palantir.javaformat.java.JavaFormatterOptions;
import com.palantir.javaformat.java.JavaFormatterOptions.Style;
import com.palantir.javaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// The project's format, checked or applied by a JVM of its own: for builds whose Maven runs on a JVM too old to hold the
/// formatter. The steps are Spotless's own (its `PalantirJavaFormatFormatterFunc`), so that both agree.
///
/// `java Format.java check|apply STAMP DIRECTORY…`: exit status 1 when a file isn't formatted. STAMP remembers which
/// files were, so that only changed ones are read again.
final class Format {
    private static final Formatter FORMATTER = Formatter.createFormatter(
            JavaFormatterOptions.builder().style(Style.PALANTIR).build());

    private Format() {}

    public static void main(String[] words) throws IOException, FormatterException {
        boolean apply = words[0].equals("apply");
        Path stamp = Path.of(words[1]);
        Set<String> known = Files.exists(stamp) ? Set.copyOf(Files.readAllLines(stamp)) : Set.of();
        Set<String> good = new TreeSet<>();
        List<Path> bad = new ArrayList<>();
        for (Path file : files(List.of(words).subList(2, words.length))) {
            if (!known.contains(mark(file)) && !isFormatted(file, apply)) bad.add(file);
            else good.add(mark(file));
        }
        Files.createDirectories(stamp.toAbsolutePath().getParent());
        Files.write(stamp, good);
        if (bad.isEmpty()) return;
        System.err.println("not formatted:");
        bad.forEach(file -> System.err.println("  " + file));
        System.err.println("format with: mvn toolchains:select-jdk-toolchain exec:exec@format"
                + " (with JAVA_HOME of a JDK 25: mvn spotless:apply)");
        System.exit(1);
    }

    /// @return whether the file is formatted now
    private static boolean isFormatted(Path file, boolean apply) throws IOException, FormatterException {
        String text = Files.readString(file);
        String formatted = FORMATTER.formatSource(
                RemoveUnusedImports.removeUnusedImports(ImportOrderer.reorderImports(text, Style.PALANTIR)));
        if (text.equals(formatted)) return true;
        if (apply) Files.writeString(file, formatted);
        return apply;
    }

    private static List<Path> files(List<String> directories) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String directory : directories)
            try (Stream<Path> all = Files.walk(Path.of(directory))) {
                all.filter(file -> file.toString().endsWith(".java")).sorted().forEach(files::add);
            }
        return files;
    }

    /// A file as it is now, and the formatter that looked at it.
    private static String mark(Path file) throws IOException {
        Path formatter =
                Path.of(Formatter.class.getProtectionDomain().getCodeSource().getLocation().getPath());
        return formatter.getFileName() + " " + Files.getLastModifiedTime(file) + " " + Files.size(file) + " " + file;
    }
}
