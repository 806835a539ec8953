package org.carrel.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.carrel.api.ApiClient;
import org.carrel.api.ApiWords;
import org.carrel.api.EventReader;
import org.carrel.api.Json;
import org.carrel.api.LaunchRequest;
import org.carrel.api.LaunchStep;
import org.carrel.api.ServiceInfo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `carrel launch`
@Command(
        name = "launch",
        description = {
            "Has so many copies of a service: starts them on the least busy machines that have it, or ends those on the"
                    + " busiest.",
            "Each machine remembers what it is to run, and starts it again whenever it ends. Without a number: lists."
        },
        footer = {"", "Example:", "  carrel launch 2 nginx", "  carrel launch 0 nginx", "  carrel launch"})
final class LaunchCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    Server server = new Server();

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "COPIES",
            description = "How many there are to be, 0 to 1000.")
    Optional<Integer> copies = Optional.empty();

    @Parameters(index = "1", arity = "0..1", paramLabel = "SERVICE", description = "An app with service: true.")
    Optional<String> app = Optional.empty();

    LaunchCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, Failure {
        if (copies.isEmpty()) return list(server.client(surroundings));
        String name = app.orElseThrow(() -> new Failure(Exit.USAGE, "which service? carrel launch COPIES SERVICE"));
        if (!name.matches("[a-z][a-z0-9_-]{0,39}"))
            throw new Failure(Exit.USAGE, "\"" + Show.clean(name) + "\" is no name of a service.");
        if (copies.get() < 0 || copies.get() > 1000)
            throw new Failure(Exit.USAGE, "COPIES must be from 0 to 1000, not " + copies.get());
        return follow(server.client(surroundings), name);
    }

    private int follow(ApiClient client, String name) throws IOException, Failure {
        LaunchRequest request = new LaunchRequest(copies.orElseThrow());
        try (EventReader events = client.postAndFollow(ApiWords.SERVICES + "/" + name, request)) {
            for (Optional<EventReader.Event> event = events.next(); event.isPresent(); event = events.next()) {
                if (!event.get().name().equals("step")) continue;
                byte[] data = event.get().data().getBytes(StandardCharsets.UTF_8);
                LaunchStep step = Json.readAnswer(data, LaunchStep.class);
                show(step);
                if (step.what().equals("done")) return Exit.OK.code();
                if (step.what().equals("short")) return Exit.FAILED.code();
            }
        }
        throw new Failure(Exit.FAILED, "it broke off; it may go on there: carrel launch shows how it stands");
    }

    private void show(LaunchStep step) {
        if (server.json) surroundings.out().println(Json.text(step));
        else surroundings.out().println(Show.clean(sentence(step)));
        surroundings.out().flush();
    }

    private static String sentence(LaunchStep step) {
        if (step.node() == null) return step.text();
        return step.what().equals("output") ? step.node() + " | " + step.text() : step.node() + " " + step.text();
    }

    private int list(ApiClient client) throws IOException {
        List<ServiceInfo> services = client.list(ApiWords.SERVICES, ServiceInfo.class);
        if (server.json) surroundings.out().println(Json.pretty(Map.of("items", services)));
        else
            Show.table(
                            List.of("SERVICE", "COPIES", "NODES", "PATH"),
                            services.stream().map(LaunchCommand::row).toList(),
                            surroundings.colours())
                    .forEach(surroundings.out()::println);
        return Exit.OK.code();
    }

    private static List<String> row(ServiceInfo service) {
        List<String> nodes = service.copies().stream()
                .map(copy -> copy.state().equals("ready") ? copy.node() : copy.node() + " (" + copy.state() + ")")
                .toList();
        return List.of(
                service.app(),
                Integer.toString(service.copies().size()),
                nodes.isEmpty() ? "-" : String.join(", ", nodes),
                service.path());
    }
}
