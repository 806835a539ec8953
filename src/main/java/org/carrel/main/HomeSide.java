package org.carrel.main;

import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.carrel.agent.Agent;
import org.carrel.config.Settings;
import org.carrel.domain.app.AppId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.session.Session;
import org.carrel.door.HomeCalls;
import org.carrel.home.HomeNews;
import org.carrel.home.LocalHomes;
import org.carrel.home.OwnDesk;
import org.carrel.launch.Launcher;
import org.carrel.port.Catalogue;
import org.carrel.port.HomeDesk;
import org.carrel.port.HomeFiles;
import org.carrel.port.Homes;
import org.carrel.port.Views;

/// Users' homes on this node: of this machine's own, unless the settings say that all machines share them.
final class HomeSide implements AutoCloseable {
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final Optional<LocalHomes> local;
    private Optional<HomeDesk.Desks> desks = Optional.empty();

    /// @param copied the disk came from another machine, whose homes these are not
    static HomeSide open(Settings settings, boolean copied, Catalogue catalogue, Catalog plugIns) throws IOException {
        if (settings.sharedHomes().isPresent()) return new HomeSide(Optional.empty());
        return new HomeSide(Optional.of(LocalHomes.open(
                Launchers.homeDirectory(settings),
                settings.node().name(),
                copied,
                app -> keepsFiles(catalogue, plugIns, app))));
    }

    private HomeSide(Optional<LocalHomes> local) {
        this.local = local;
    }

    private static boolean keepsFiles(Catalogue catalogue, Catalog plugIns, AppId app) {
        return catalogue.find(app).map(entry -> plugIns.keepsFiles(entry.app())).orElse(false);
    }

    Homes homes() {
        return local.<Homes>map(it -> it).orElse(Homes.SHARED);
    }

    /// What other nodes compare with their own; empty where homes are shared.
    String digest() {
        return local.map(LocalHomes::digest).orElse("");
    }

    /// Finds each node's desk, this one's among them; empty where homes are shared.
    Optional<HomeDesk.Desks> desks() {
        return desks;
    }

    /// Where several machines have homes of their own, they are brought together and can be moved.
    void serve(
            Settings settings,
            Agent agent,
            Launcher launcher,
            Optional<ClusterSide> cluster,
            Views views,
            InstantSource time) {
        if (local.isEmpty() || launcher.homes().isEmpty()) return;
        // what runs here has its files here, whatever was written down before the last end
        for (Session session : agent.current().sessions().values())
            if (session.state().isLive()) local.get().began(session.key());
        HomeFiles files = launcher.homes().get();
        HomeDesk.Desks others = node -> {
            if (cluster.isEmpty()) throw new IOException("there is no other node");
            return cluster.get().homes().of(node);
        };
        OwnDesk own = open(new OwnDesk(local.get(), files, views, others, time));
        NodeName me = settings.node().name();
        desks = Optional.of(node -> node.equals(me) ? own : others.of(node));
        if (cluster.isEmpty()) return;
        cluster.get().answersBy(new HomeCalls(own));
        open(new HomeNews(local.get(), views, others));
    }

    private <T extends AutoCloseable> T open(T part) {
        opened.push(part);
        return part;
    }

    @Override
    public void close() {
        Failures failures = new Failures("closing");
        while (!opened.isEmpty()) failures.run(opened.pop()::close);
        failures.report();
    }
}
