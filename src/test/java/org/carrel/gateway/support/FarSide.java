package org.carrel.gateway.support;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Set;
import org.carrel.door.Calls;
import org.carrel.door.Door;
import org.carrel.door.DoorLimits;
import org.carrel.door.WebDoor;
import org.carrel.port.Admission;
import org.carrel.port.DoorUrl;
import org.carrel.port.Views;
import org.carrel.trust.ClusterKey;
import org.carrel.trust.ClusterName;
import org.carrel.trust.Role;
import org.carrel.trust.Trust;

/// The door of another node, on this machine.
record FarSide(Trust trust, Door door, WebDoor web) {
    static FarSide open(Admission admission, Views views) throws IOException {
        Path temp = Files.createTempDirectory("far");
        ClusterKey.make(
                temp.resolve("key"),
                new ClusterName("lab"),
                InstantSource.system().instant());
        Trust trust = Trust.open(
                temp.resolve("key"), temp.resolve("node"), Set.of(Role.AGENT, Role.GATEWAY), InstantSource.system());
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Calls none = (peer, path, body) -> {
            throw new Calls.NoSuchCall(path);
        };
        Door door = Door.open(any, DoorLimits.DEFAULT, trust, admission, views, none);
        return new FarSide(trust, door, new WebDoor(door));
    }

    /// @param listener of a gateway that leads there
    DoorUrl webAddress(InetSocketAddress listener) {
        return DoorUrl.of("ws://127.0.0.1:" + listener.getPort() + WebDoor.PATH);
    }

    InetSocketAddress address() {
        return door.address();
    }

    void close() {
        web.close();
        door.close();
        trust.close();
    }
}
