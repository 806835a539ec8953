package org.carrel.cli;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.carrel.api.ApiWords;
import org.carrel.api.AppInfo;
import org.carrel.api.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `carrel apps`
@Command(
        name = "apps",
        description = "Lists the apps you may start.",
        footer = {"", "Example:", "  carrel apps --json"})
final class AppsCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    Server server = new Server();

    AppsCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException {
        List<AppInfo> apps = server.client(surroundings).list(ApiWords.APPS, AppInfo.class);
        if (server.json) surroundings.out().println(Json.pretty(Map.of("items", apps)));
        else if (apps.isEmpty()) surroundings.out().println("There are no apps for you.");
        else
            Show.table(
                            List.of("APP", "KIND", "TITLE", "USUAL START", "STATE"),
                            apps.stream().map(AppsCommand::row).toList(),
                            surroundings.colours())
                    .forEach(surroundings.out()::println);
        return Exit.OK.code();
    }

    private static List<String> row(AppInfo app) {
        return List.of(
                app.id(),
                app.kind(),
                app.title(),
                Optional.ofNullable(app.usualStartMs()).map(Show::seconds).orElse("-"),
                app.available()
                        ? "can be started"
                        : Optional.ofNullable(app.obstacle()).orElse("can't start"));
    }
}
