package org.carrel.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// Finds the route for a method and a path. HEAD is answered like GET; OPTIONS by whoever asks here.
record Router(List<Route> routes) {
    Router {
        routes = List.copyOf(routes);
    }

    Found find(String method, String path) {
        List<Route> here = new ArrayList<>();
        for (Route route : routes) {
            Optional<Map<String, String>> names = route.path().match(path);
            if (names.isEmpty()) continue;
            if (serves(route, method)) return new Found.Match(route, names.get());
            here.add(route);
        }
        return here.isEmpty() ? new Found.NoPath() : new Found.OtherMethods(allowed(here));
    }

    /// What a router finds.
    sealed interface Found {
        record Match(Route route, Map<String, String> names) implements Found {}

        /// @param allow as in the header `Allow`
        record OtherMethods(String allow) implements Found {}

        record NoPath() implements Found {}
    }

    private static boolean serves(Route route, String method) {
        return route.method().equals(method)
                || method.equals("HEAD") && route.method().equals("GET");
    }

    private static String allowed(List<Route> here) {
        TreeSet<String> methods = new TreeSet<>(List.of("OPTIONS"));
        for (Route route : here) {
            methods.add(route.method());
            if (route.method().equals("GET")) methods.add("HEAD");
        }
        return String.join(", ", methods);
    }
}
