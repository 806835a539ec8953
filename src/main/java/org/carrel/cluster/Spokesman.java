package org.carrel.cluster;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.ClusterEvent.ClusterDomainEvent;
import org.apache.pekko.cluster.ClusterEvent.MemberEvent;
import org.apache.pekko.cluster.ClusterEvent.ReachabilityEvent;
import org.apache.pekko.cluster.ddata.Key;
import org.apache.pekko.cluster.ddata.LWWMap;
import org.apache.pekko.cluster.ddata.LWWMapKey;
import org.apache.pekko.cluster.ddata.SelfUniqueAddress;
import org.apache.pekko.cluster.ddata.typed.javadsl.DistributedData;
import org.apache.pekko.cluster.ddata.typed.javadsl.Replicator;
import org.apache.pekko.cluster.ddata.typed.javadsl.Replicator.SubscribeResponse;
import org.apache.pekko.cluster.ddata.typed.javadsl.Replicator.Update;
import org.apache.pekko.cluster.ddata.typed.javadsl.ReplicatorMessageAdapter;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Subscribe;
import org.carrel.domain.node.NodeId;

/// The actor that says what its own node says of itself, and writes down what the others say. Each node
/// has one map under its own key, which it alone writes; only entries that changed travel.
final class Spokesman {
    sealed interface Order {
        record Say(Map<String, String> entries, long floor) implements Order {}

        record ListenTo(Set<NodeId> nodes) implements Order {}

        record Heard(NodeId node, Map<String, String> entries) implements Order {}

        /// somebody came, went, fell silent or is back
        record Changed() implements Order {}

        /// an answer that needs nothing
        record Done() implements Order {}
    }

    /// @param entries the newest of each
    /// @param atNanos when one last changed, by `System.nanoTime`
    record Said(Map<String, String> entries, long atNanos) {}

    private static final String KEY = "node-";

    private Spokesman() {}

    /// @param said    where it is written down
    /// @param changed told when the list of members has
    static Behavior<Order> behaviour(NodeId self, Map<NodeId, Said> said, Runnable changed) {
        return Behaviors.setup(context -> {
            listen(context, MemberEvent.class);
            listen(context, ReachabilityEvent.class);
            SelfUniqueAddress own = DistributedData.get(context.getSystem()).selfUniqueAddress();
            return DistributedData.withReplicatorMessageAdapter(
                    (ReplicatorMessageAdapter<Order, LWWMap<String, String>> replicator) -> Behaviors.receive(
                                    Order.class)
                            .onMessage(Order.Say.class, say -> {
                                say(replicator, self, own, say);
                                return Behaviors.same();
                            })
                            .onMessage(Order.ListenTo.class, listenTo(replicator, new HashSet<>())::to)
                            .onMessage(Order.Heard.class, heard -> {
                                said.put(heard.node(), new Said(heard.entries(), System.nanoTime()));
                                return Behaviors.same();
                            })
                            .onMessage(Order.Changed.class, _ -> {
                                changed.run();
                                return Behaviors.same();
                            })
                            .onMessage(Order.Done.class, _ -> Behaviors.same())
                            .build());
        });
    }

    private static <E extends ClusterDomainEvent> void listen(ActorContext<Order> context, Class<E> kind) {
        ActorRef<E> told = context.messageAdapter(kind, _ -> new Order.Changed());
        Cluster.get(context.getSystem()).subscriptions().tell(Subscribe.create(told, kind));
    }

    private interface Listening {
        Behavior<Order> to(Order.ListenTo order);
    }

    private static Listening listenTo(
            ReplicatorMessageAdapter<Order, LWWMap<String, String>> replicator, Set<NodeId> listening) {
        return order -> {
            for (NodeId node : order.nodes())
                if (listening.add(node)) replicator.subscribe(key(node), Spokesman::heard);
            return Behaviors.same();
        };
    }

    /// The engine keeps one translator for all subscriptions, so whose it is must be read from the key.
    private static Order heard(SubscribeResponse<LWWMap<String, String>> response) {
        return response instanceof Replicator.Changed<LWWMap<String, String>> changed
                ? new Order.Heard(
                        new NodeId(changed.key().id().substring(KEY.length())),
                        Map.copyOf(changed.dataValue().getEntries()))
                : new Order.Done();
    }

    private static void say(
            ReplicatorMessageAdapter<Order, LWWMap<String, String>> replicator,
            NodeId self,
            SelfUniqueAddress own,
            Order.Say say) {
        replicator.askUpdate(
                answer -> new Update<>(
                        key(self), LWWMap.create(), Replicator.writeLocal(), answer, map -> with(map, own, say)),
                _ -> new Order.Done());
    }

    private static LWWMap<String, String> with(LWWMap<String, String> before, SelfUniqueAddress own, Order.Say say) {
        Map<String, String> there = before.getEntries();
        LWWMap<String, String> after = before;
        for (Map.Entry<String, String> entry : say.entries().entrySet())
            if (!entry.getValue().equals(there.get(entry.getKey())))
                after = after.put(
                        own, entry.getKey(), entry.getValue(), (current, _) -> Math.max(current + 1, say.floor()));
        return after;
    }

    private static Key<LWWMap<String, String>> key(NodeId node) {
        return LWWMapKey.create(KEY + node);
    }
}
