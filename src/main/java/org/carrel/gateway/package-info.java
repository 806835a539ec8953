/// The data plane: one listener for the portal's pages and for the traffic of every session. Nothing in here blocks an
/// event loop; what may block runs on virtual threads and comes back to its loop.
package org.carrel.gateway;
