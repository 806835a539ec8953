package org.carrel.gateway;

/// What the gateway counts. Called on event loops: must be quick and never block.
public interface GatewayMetrics {
    GatewayMetrics NONE = new GatewayMetrics() {
        @Override
        public void answered(int status) {}

        @Override
        public void bytes(long fromClients, long toClients) {}

        @Override
        public void connections(int change) {}

        @Override
        public void webSockets(int change) {}

        @Override
        public void retried() {}

        @Override
        public void refused(Refusal reason) {}
    };

    /// Why something was turned away before it reached a page or a workload.
    enum Refusal {
        /// not HTTP as we read it
        MALFORMED,
        /// a host name that isn't ours
        HOST,
        /// cross-site, or a wrong `Origin`
        ORIGIN,
        /// over a limit on size or number
        LIMIT,
        /// too slow
        SLOW,
        /// a WebSocket frame that breaks the protocol
        FRAME,
        /// a handshake that failed
        TLS;

        /// @param status what the client was told
        static Refusal of(int status) {
            return switch (status) {
                case 421 -> HOST;
                case 403 -> ORIGIN;
                case 431 -> LIMIT;
                default -> MALFORMED;
            };
        }
    }

    void answered(int status);

    void bytes(long fromClients, long toClients);

    void connections(int change);

    void webSockets(int change);

    /// a request was sent again because an old connection to its session was dead
    void retried();

    void refused(Refusal reason);
}
