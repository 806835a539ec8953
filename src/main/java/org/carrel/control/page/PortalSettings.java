package org.carrel.control.page;

import static org.carrel.domain.Require.require;

/// What the pages have to know of this installation.
/// @param title      shown to people, 1 to 80 characters
/// @param portalHost host name by which sessions' own origins lead back to the portal; the port and the scheme are
///                   those of the request
public record PortalSettings(String title, String portalHost) {
    public PortalSettings {
        require(!title.isBlank() && title.length() <= 80, "the title must have 1 to 80 characters");
        require(portalHost.matches("[a-z0-9.-]+|\\[[0-9a-f:]+]"), "not a host name: " + portalHost);
    }
}
