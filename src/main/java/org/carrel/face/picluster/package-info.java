/// What the older Raspberry-Pi cluster said to scripts and pages, said by every Carrel node, on the portal's address
/// (docs/guide/picluster.md). All of it needs a token with scope `nodes`, or an administrator:
///
/// | request | answer |
/// |---|---|
/// | `GET /nodes/alive` | addresses of the nodes that answer: `["192.168.86.121", …]` |
/// | `GET /nodes/monitoring` | by address: `{"cpu": percent, "ram": percent, "load_averages": [one minute]}` |
/// | `GET /nodes/workingService/<service>` | who works it: `[{"ip": address, "services": [all it works]}, …]` |
/// | `PUT /meta-data/add-service/<service>` | this node works it from now on: `{"ip": …, "services": […]}` |
/// | `PUT /meta-data/remove-service/<service>` | and no more |
///
/// A node works a service when it has a ready copy of it, or when it was said with `add-service` that it does, by
/// whoever runs services there without Carrel: that is written into its metadata as `works.<service> = on`, and starts
/// nothing.
package org.carrel.face.picluster;
