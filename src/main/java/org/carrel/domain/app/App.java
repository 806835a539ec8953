package org.carrel.domain.app;

import static org.carrel.domain.Require.require;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.idle.IdleRule;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.node.Resources;

/// A catalogue entry users may start.
/// @param title        shown to users, 1 to 80 characters
/// @param description  one sentence for the catalogue, may be empty
/// @param directory    absolute path of the app's files, for kinds that have them
/// @param command      program and arguments, for kinds that run a command; may hold `{port}`, `{socket}`, `{prefix}`
/// @param environment  variables for the session; no secrets belong here (they would be readable in /proc)
/// @param demand       what one session is counted with, and limited to where the machine can
/// @param startTimeout from launch to the first true answer, 1 s to 1 h
/// @param resumeWindow how long a page that lost its connection may come back to where it was, 5 s to 1 h; empty: its
///                     loss is its end. Only for kinds whose pages can (Shiny)
/// @param where        which machines may take it
/// @param service      no user starts it; see `Service`
/// @param attachment   its sessions are those of a server that runs already; see `Attachment`
public record App(
        AppId id,
        KindId kind,
        String title,
        String description,
        Optional<String> directory,
        List<String> command,
        Map<String, String> environment,
        Resources demand,
        Audience audience,
        IdleRule idle,
        Duration startTimeout,
        Optional<Duration> resumeWindow,
        Where where,
        Optional<Service> service,
        Optional<Attachment> attachment) {

    /// @param needs labels that its machine must have, with these values
    /// @param files whether its users keep files with it, so that their home matters; empty: as its kind does
    public record Where(Map<String, String> needs, Optional<Boolean> files) {
        public static final Where ANY = new Where(Map.of(), Optional.empty());

        public Where {
            needs = Map.copyOf(needs);
        }
    }

    public static final Duration DEFAULT_START_TIMEOUT = Duration.ofSeconds(60);
    public static final Duration LEAST_RESUME_WINDOW = Duration.ofSeconds(5);
    public static final Duration MOST_RESUME_WINDOW = Duration.ofHours(1);
    public static final Optional<Duration> DEFAULT_RESUME_WINDOW = Optional.of(Duration.ofMinutes(5));

    public App {
        require(!title.isBlank() && title.length() <= 80, "the title of " + id + " must have 1 to 80 characters");
        require(
                startTimeout.compareTo(Duration.ofSeconds(1)) >= 0 && startTimeout.compareTo(Duration.ofHours(1)) <= 0,
                "start-timeout of " + id + " must be from 1 s to 1 h, not " + startTimeout);
        require(
                resumeWindow.isEmpty()
                        || resumeWindow.get().compareTo(LEAST_RESUME_WINDOW) >= 0
                                && resumeWindow.get().compareTo(MOST_RESUME_WINDOW) <= 0,
                "resume-window of " + id + " must be from 5 s to 1 h or none, not " + resumeWindow);
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }

    /// With the usual window, for any machine.
    public App(
            AppId id,
            KindId kind,
            String title,
            String description,
            Optional<String> directory,
            List<String> command,
            Map<String, String> environment,
            Resources demand,
            Audience audience,
            IdleRule idle,
            Duration startTimeout) {
        this(
                id,
                kind,
                title,
                description,
                directory,
                command,
                environment,
                demand,
                audience,
                idle,
                startTimeout,
                DEFAULT_RESUME_WINDOW,
                Where.ANY);
    }

    /// For users.
    public App(
            AppId id,
            KindId kind,
            String title,
            String description,
            Optional<String> directory,
            List<String> command,
            Map<String, String> environment,
            Resources demand,
            Audience audience,
            IdleRule idle,
            Duration startTimeout,
            Optional<Duration> resumeWindow,
            Where where) {
        this(
                id,
                kind,
                title,
                description,
                directory,
                command,
                environment,
                demand,
                audience,
                idle,
                startTimeout,
                resumeWindow,
                where,
                Optional.empty(),
                Optional.empty());
    }

    public Map<String, String> needs() {
        return where.needs();
    }

    public App withCommand(List<String> other) {
        return with(other, idle, resumeWindow, where, service, attachment);
    }

    public App needing(Map<String, String> labels) {
        return with(command, idle, resumeWindow, new Where(labels, where.files()), service, attachment);
    }

    public App withResumeWindow(Optional<Duration> other) {
        return with(command, idle, other, where, service, attachment);
    }

    /// Nobody's, and never idle.
    public App as(Service other) {
        return with(command, IdleRule.NEVER, resumeWindow, where, Optional.of(other), attachment);
    }

    public App attachedTo(Attachment other) {
        return with(command, idle, resumeWindow, where, service, Optional.of(other));
    }

    private App with(
            List<String> command,
            IdleRule idle,
            Optional<Duration> resumeWindow,
            Where where,
            Optional<Service> service,
            Optional<Attachment> attachment) {
        return new App(
                id,
                kind,
                title,
                description,
                directory,
                command,
                environment,
                demand,
                audience,
                idle,
                startTimeout,
                resumeWindow,
                where,
                service,
                attachment);
    }
}
