/// Who belongs to the cluster: its key directory, each node's identity and certificate, and TLS both ways between them.
@org.jspecify.annotations.NullMarked
package org.carrel.trust;
