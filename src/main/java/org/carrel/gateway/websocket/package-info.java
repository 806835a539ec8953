/// WebSocket framing after the hand-shake. Source: RFC 6455 5. No channels, no threads.
package org.carrel.gateway.websocket;
