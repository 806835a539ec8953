package org.carrel.control;

import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.carrel.api.ApiWords;
import org.carrel.api.CopyInfo;
import org.carrel.api.Items;
import org.carrel.api.LaunchRequest;
import org.carrel.api.LaunchStep;
import org.carrel.api.ServiceInfo;
import org.carrel.control.Route.Access;
import org.carrel.control.Route.Shape;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.domain.app.Service;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.place.Copies;
import org.carrel.domain.route.Addresses;
import org.carrel.domain.session.ServiceKeys;
import org.carrel.domain.session.Session;
import org.carrel.http.Answer;
import org.carrel.http.Answer.Event;
import org.carrel.http.Feed;
import org.carrel.port.Audit;
import org.carrel.port.Audit.Entry;
import org.carrel.port.Audit.What;
import org.carrel.port.Catalogue;
import org.carrel.port.Services;
import org.carrel.port.Services.Step;
import org.carrel.port.Views;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Services: where their copies run, and how many there are to be.
final class ServiceResources {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceResources.class);
    private static final String ONE = ApiWords.SERVICES + "/{app}";

    private final Services services;
    private final Views views;
    private final Catalogue catalogue;
    private final Audit audit;
    private final Streams streams;

    ServiceResources(Services services, Views views, Catalogue catalogue, Audit audit, Streams streams) {
        this.services = services;
        this.views = views;
        this.catalogue = catalogue;
        this.audit = audit;
        this.streams = streams;
    }

    List<Route> routes() {
        return List.of(
                Route.get(ApiWords.SERVICES, "listServices", "The services and their copies")
                        .to(Access.ADMIN)
                        .answers(200, new Shape.ListOf(ServiceInfo.class), "in the order of the catalogue")
                        .by(this::list),
                Route.get(ONE, "getService", "One service and its copies")
                        .to(Access.ADMIN)
                        .answers(200, new Shape.Record(ServiceInfo.class), "the service")
                        .fails(404, "no such service")
                        .by(call -> Call.json(200, info(service(call)))),
                Route.post(ONE, "launchService", "Have so many copies of a service")
                        .to(Access.ADMIN)
                        .takes(LaunchRequest.class)
                        .answers(200, new Shape.Stream(), "events named step, to the end; it goes on when nobody reads")
                        .fails(404, "no such service")
                        .fails(409, "another launch of it goes on here, or each node runs it as the settings say")
                        .fails(429, "too many open streams")
                        .by(this::launch));
    }

    private Answer list(Call call) {
        return Call.json(
                200,
                new Items<>(catalogue.entries().stream()
                        .map(Catalogue.Entry::app)
                        .filter(app -> app.service().isPresent())
                        .map(this::info)
                        .toList()));
    }

    private Answer launch(Call call) throws IOException {
        App app = service(call);
        Integer copies = call.body(LaunchRequest.class).copies();
        if (copies == null || copies < 0 || copies > Copies.MOST)
            throw call.refuse(400, "copies: must be a whole number from 0 to " + Copies.MOST);
        int perNode = app.service().map(Service::perNode).orElse(0);
        if (perNode > 0)
            throw call.refuse(
                    409,
                    "each node runs " + perNode + " of " + app.id() + ", as the settings say: change per-node there, or"
                            + " keep one node out with carrel meta NODE service." + app.id() + "=off");
        return streams.open(call, asker -> {
            Feed<Step> steps = services.launch(app.id(), copies)
                    .orElseThrow(
                            () -> call.refuse(409, "another launch of " + app.id() + " goes on here; wait for it"));
            LOG.info("service launch app={} copies={} by={}", app.id(), copies, asker.user());
            audit.note(Entry.of(What.SERVICE_LAUNCH, asker.user(), Entry.OK)
                    .with("app", app.id())
                    .with("copies", copies)
                    .asked(call.head()));
            return new Events(steps);
        });
    }

    private App service(Call call) {
        String id = call.name("app");
        return catalogue.entries().stream()
                .map(Catalogue.Entry::app)
                .filter(app -> app.id().value().equals(id) && app.service().isPresent())
                .findFirst()
                .orElseThrow(() -> call.refuse(
                        404, "no such service in this node's catalogue; " + ApiWords.SERVICES + " lists them"));
    }

    private ServiceInfo info(App app) {
        AppId id = app.id();
        return new ServiceInfo(
                id.value(),
                app.title(),
                Addresses.SERVICES + id + "/",
                app.service().map(Service::hosts).orElse(List.of()),
                app.service().filter(Service::anonymous).isPresent(),
                views.current().sessions().values().stream()
                        .filter(session -> ServiceKeys.isService(session.key()))
                        .filter(session ->
                                session.app().equals(id) && session.state().isLive())
                        .sorted(Comparator.comparing(
                                        (Session session) -> session.node().value())
                                .thenComparing(Session::id))
                        .map(session -> new CopyInfo(
                                session.node().value(),
                                session.id().value(),
                                session.state().word(),
                                session.since()))
                        .toList());
    }

    /// Steps as events.
    private record Events(Feed<Step> steps) implements Feed<Event> {
        @Override
        public Optional<Event> next(Duration patience) throws InterruptedException {
            return steps.next(patience)
                    .map(step -> EventResources.event(
                            "step",
                            new LaunchStep(
                                    step.what().word(),
                                    step.node().map(NodeName::value).orElse(null),
                                    step.text())));
        }

        @Override
        public boolean ended() {
            return steps.ended();
        }

        @Override
        public void close() {
            steps.close();
        }
    }
}
