/// What an agent of Maât says to its balancers, said by a Carrel node: on a port of its own, off until the settings
/// name it (`faces.maat`, see docs/guide/maat.md). Maât balances RStudio servers: on each runs an agent that counts the
/// processes named `rsession` and the requests that are on their way to become one; balancers, as many as one
/// likes, ask all agents and send a user to the server with the smallest sum.
///
/// The contract, after the published agent and balancer of version `v1` (2017), every answer to a `GET`:
///
/// | path | answer |
/// |---|---|
/// | `/ping`, `/v1/ping` | `OK` |
/// | `/info` | `{"process_name", "version": "v1"}` |
/// | `/v1/data` | one object, see `DataText` |
/// | `/v1/new_requests/<user>/<known>[/<force>]` | `true` or `false`, see `Requests` |
///
/// Anything that isn't 2xx or doesn't come within 1 s counts with a balancer as "this agent is away".
///
/// What is done otherwise, and why:
///
/// - Looking and counting happen when somebody asks, at most once a second, not every 5 s in a thread. So a process
///   counts within 1 s, and nothing is done where nobody asks.
/// - A process is "newer than the request" to 20 ms, where the old agent could be a second wrong.
/// - Requests are bounded, also forced ones: `Requests.MOST` and `Requests.MOST_OF_USER`.
/// - Only `GET` (and `HEAD`, where it changes nothing), only from loopback and the networks in `from`, only for host
///   names Carrel answers to.
///
/// `new_requests` is the one `GET` of Carrel that changes something; that is why it has a port of its own, where no
/// cookie of Carrel means anything.
///
/// The listener is a second `Gateway` with one event loop and no sessions, so the parser, the limits and the time
/// limits are the ones that are tested for the first.
package org.carrel.face.maat;
