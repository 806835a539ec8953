package org.carrel.cluster;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.carrel.domain.node.NodeId;

/// The names under which nodes announce themselves: a node's id, and a word over it that only holders of the
/// cluster's key can make. Strangers' announcements, however many, are told from ours by it before they take
/// anybody's place. It proves no identity: one that was overheard can be repeated, and earns a question.
public final class Callsigns {
    private static final int WORD_BYTES = 8;

    private final SecretKeySpec secret;

    /// @param secret of the cluster, for this purpose alone
    public Callsigns(byte[] secret) {
        this.secret = new SecretKeySpec(secret, "HmacSHA256");
    }

    /// at most 63 bytes, as a label of DNS must be
    String of(NodeId id) {
        return id.value() + "-" + word(id.value());
    }

    boolean isOurs(String name) {
        int dash = name.indexOf('-');
        return dash > 0 && MessageDigest.isEqual(bytes(name.substring(dash + 1)), bytes(word(name.substring(0, dash))));
    }

    private String word(String id) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(secret);
            return HexFormat.of().formatHex(mac.doFinal(bytes(id)), 0, WORD_BYTES);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible); // every Java has HmacSHA256
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
