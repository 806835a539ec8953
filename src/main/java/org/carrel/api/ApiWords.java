package org.carrel.api;

import java.util.List;

/// Paths and limits of the REST interface, written once for server and client.
public final class ApiWords {
    public static final String ROOT = "/api/v1";
    public static final String APPS = ROOT + "/apps";
    public static final String TICKETS = ROOT + "/tickets";
    public static final String SESSIONS = ROOT + "/sessions";
    public static final String NODES = ROOT + "/nodes";
    /// machines that no node lets in any more
    public static final String SHUT_OUT = ROOT + "/shut-out";
    public static final String SERVICES = ROOT + "/services";
    public static final String HOMES = ROOT + "/homes";
    public static final String TIMELINE = ROOT + "/timeline";
    public static final String TROUBLES = ROOT + "/troubles";
    public static final String EVENTS = ROOT + "/events";
    public static final String TOKENS = ROOT + "/tokens";
    /// only through the node's own socket
    public static final String INVITATIONS = ROOT + "/invitations";
    /// what a machine may be
    public static final List<String> ROLES = List.of("agent", "gateway");
    public static final String OPENAPI = ROOT + "/openapi.json";
    /// who asks: name, groups, whether an administrator, and the token for unsafe requests of pages
    public static final String ME = ROOT + "/me";
    /// header in which a page returns that token
    public static final String CSRF_HEADER = "X-Carrel-Token";
    public static final String PROBLEM_TYPE = "application/problem+json";

    private ApiWords() {}
}
