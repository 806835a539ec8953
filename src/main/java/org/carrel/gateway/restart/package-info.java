/// Hot restart: one Carrel gives its place to another. Listening sockets and live connections go from process to
/// process as what they are, file descriptors, so that nobody at their other ends notices.
package org.carrel.gateway.restart;
