package org.carrel.domain.session;

import java.util.Map;

/// By which a launcher finds its workload again after any restart. Opaque to everybody else.
/// @param launcher name of the launcher that made it
/// @param version  of the meaning of the fields
/// @param fields   at most 16 short texts
public record Handle(String launcher, int version, Map<String, String> fields) {
    public Handle {
        fields = Map.copyOf(fields);
    }
}
