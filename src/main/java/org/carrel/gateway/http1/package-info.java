/// HTTP/1 as bytes: strict heads, body framing, and the rewriting of heads on their way. No channels, no threads.
package org.carrel.gateway.http1;
