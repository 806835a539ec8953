package org.carrel.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.carrel.support.ProgramJar;

/// A JVM that is a member of a cluster, see `MemberMain`, and what it has said so far.
final class MemberProcess implements AutoCloseable {
    /// @param millis wall clock of the member
    /// @param text   `member <island> n2=up n3=unreachable`
    record Line(long millis, String text) {
        boolean isMember() {
            return text.startsWith("member ");
        }

        String island() {
            return text.split(" ")[1];
        }

        /// `up`, `unreachable`, …; with `?` behind it while nothing has come from that node
        String state(String node) {
            for (String word : text.split(" "))
                if (word.startsWith(node + "=")) return word.substring(node.length() + 1);
            return "absent";
        }

        long count(String state) {
            return Stream.of(text.split(" "))
                    .filter(word -> word.endsWith("=" + state))
                    .count();
        }
    }

    final String name;
    final String address;
    private final Process process;
    private final Thread reader;
    private final List<Line> lines = new ArrayList<>();
    private String answer = "";

    /// @param within words before `java`, such as those that enter a network namespace
    static MemberProcess start(
            List<String> within, int number, String address, boolean mdns, Path directory, List<String> peers)
            throws IOException {
        List<String> words = new ArrayList<>(within);
        words.addAll(ProgramJar.beside(
                MemberMain.class, "-Xmx96m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        words.addAll(List.of("n" + number, String.valueOf(number), address, mdns ? "on" : "off", directory.toString()));
        words.addAll(peers);
        Files.createDirectories(directory);
        Process process = new ProcessBuilder(words)
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log").toFile()))
                .start();
        return new MemberProcess("n" + number, address, process);
    }

    private MemberProcess(String name, String address, Process process) {
        this.name = name;
        this.address = address;
        this.process = process;
        reader = Thread.ofVirtual().start(this::read);
    }

    private void read() {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) heard(line);
        } catch (IOException ended) {
            // killed
        }
    }

    private synchronized void heard(String line) {
        if (line.startsWith("forgot ")) answer = line.substring(7);
        else
            lines.add(new Line(
                    Long.parseLong(line.substring(0, line.indexOf(' '))), line.substring(line.indexOf(' ') + 1)));
        notifyAll();
    }

    synchronized List<Line> lines() {
        return List.copyOf(lines);
    }

    synchronized Line last() {
        return lines.isEmpty() ? new Line(0, "alone -") : lines.getLast();
    }

    /// @return the first line from `from` on that fits
    synchronized Line await(long from, Predicate<Line> fits, int seconds) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (true) {
            // the last line holds until there is another
            for (int i = 0; i < lines.size(); i++) {
                boolean counts = lines.get(i).millis() >= from || i == lines.size() - 1;
                if (counts && fits.test(lines.get(i))) return lines.get(i);
            }
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) throw new AssertionError(name + " didn't see it in " + seconds + " s; it saw " + tail());
            wait(left);
        }
    }

    private List<Line> tail() {
        return lines.subList(Math.max(0, lines.size() - 12), lines.size());
    }

    synchronized String forget(String node) throws IOException, InterruptedException {
        answer = "";
        process.getOutputStream().write(("forget " + node + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (answer.isEmpty() && System.nanoTime() < deadline) wait(100);
        return answer;
    }

    void signal(String signal) throws IOException, InterruptedException {
        if (new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid()))
                        .start()
                        .waitFor()
                != 0) throw new IOException("no process " + process.pid());
    }

    void kill() {
        process.destroyForcibly();
    }

    long pid() {
        return process.pid();
    }

    /// As an administrator stops it.
    void stop() throws InterruptedException {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!process.waitFor(20, TimeUnit.SECONDS)) throw new AssertionError(name + " doesn't stop");
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
            reader.join(1000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
