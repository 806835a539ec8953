// How one node is shown, on the map of the cluster and to administrators.
import { post } from "./api.js";
import { sparkline } from "./art.js";
import { h } from "./dom.js";
import { confirm, toast } from "./frame.js";
import { ago, bytes, decimal, duration, has, percent, t } from "./words.js";

/** What a state looks like; an unknown one looks like trouble. */
const CHIPS = { up: "ready", draining: "draining", joining: "starting", leaving: "draining" };

export function stateOf(node) {
  return has(`node.${node.state}`) ? t(`node.${node.state}`) : node.state;
}

/**
 * @param history `{cpu, load, phi}`: lists of numbers, newest last; left out where nothing is drawn
 * @param mayDrain shows the button
 * @param drained called when it was used
 */
export function nodeCard(node, { history, mayDrain = false, drained } = {}) {
  const heading = `node-${node.name}`;
  return h(
    "li.sheet.node",
    { key: node.name, "aria-labelledby": heading, class: `sheet node is-${node.state}` },
    h("div.row.between", {}, h("h3", { id: heading }, node.name), h("span.chip", { class: `chip ${CHIPS[node.state] ?? "ended"}` }, stateOf(node))),
    h("p.facts", {}, ...factsOf(node).map((words) => h("span", {}, words))),
    node.phi != null && suspicion(node, history?.phi),
    h("dl.gauges", {}, ...gaugesOf(node)),
    history && h("dl.trends", {}, trend(t("node.trend.cpu"), percent(node.cpuPercent), history.cpu, 50), trend(t("node.trend.load"), decimal(node.load1), history.load, 1)),
    tags(node),
    node.isolation && h("p.hint", { lang: "en" }, node.isolation),
    mayDrain && ["up", "draining"].includes(node.state) && h("div.row", {}, drainButton(node, drained)),
  );
}

function factsOf(node) {
  return [
    node.address,
    t("admin.version", { version: node.version }),
    t("admin.node-since", { ago: ago(node.since) }),
    node.heard && t("node.heard", { ago: ago(node.heard) }),
    node.starting > 0 && t("admin.starting", { count: node.starting }),
    node.queued > 0 && t("admin.queued", { count: node.queued }),
  ].filter(Boolean);
}

/** How surprising a node's silence is, as a share of what counts as too much. */
function suspicion(node, history = []) {
  const share = Math.min(node.phi / node.phiThreshold, 1);
  const words = t("node.phi", { phi: decimal(node.phi), threshold: decimal(node.phiThreshold) });
  const silence = node.lastHeartbeatMs == null ? "" : t("node.silent", { time: duration(node.lastHeartbeatMs) });
  return h(
    "div.gauge.suspicion",
    {},
    h("span.name", {}, t("node.suspicion")),
    h("span", {}, words, silence && ` · ${silence}`),
    h("meter", { min: "0", max: "1", low: "0.5", high: "0.99", optimum: "0", value: share.toFixed(3), "aria-label": `${t("node.suspicion")}: ${words}` }),
    history.length > 1 && sparkline(history, node.phiThreshold),
  );
}

function gaugesOf(node) {
  return [
    gauge(t("admin.gauge.sessions"), node.sessions, node.maxSessions, `${node.sessions} / ${node.maxSessions}`),
    gauge(t("admin.gauge.promised-memory"), node.committedMemoryBytes, node.capacityMemoryBytes, `${bytes(node.committedMemoryBytes)} / ${bytes(node.capacityMemoryBytes)}`),
    gauge(
      t("admin.gauge.promised-cpu"),
      node.committedCpuMillis,
      node.capacityCpuMillis,
      `${decimal(node.committedCpuMillis / 1000)} / ${decimal(node.capacityCpuMillis / 1000)}`,
    ),
    gauge(t("admin.gauge.cpu"), node.cpuPercent, 100, `${percent(node.cpuPercent)} · ${t("admin.load", { load: decimal(node.load1) })}`),
    gauge(t("admin.gauge.memory"), node.memoryUsedBytes, node.memoryTotalBytes, `${bytes(node.memoryUsedBytes)} / ${bytes(node.memoryTotalBytes)}`),
  ];
}

function gauge(name, value, most, words) {
  const share = most > 0 ? value / most : 0;
  return h(
    "div.gauge",
    {},
    h("dt", {}, name),
    h("dd", {}, words, h("meter", { min: "0", max: "1", high: "0.9", value: share.toFixed(3), "aria-label": `${name}: ${words}` })),
  );
}

function trend(name, value, history, least) {
  return h("div.trend", {}, h("dt", {}, name), h("dd", {}, value), sparkline(history, least));
}

function tags(node) {
  const pairs = { ...node.labels, ...node.metadata };
  const words = [...(node.roles ?? []), ...Object.entries(pairs).map(([key, value]) => (value ? `${key}: ${value}` : key))];
  return words.length > 0 && h("ul.tags", { "aria-label": t("node.tags") }, ...words.map((word) => h("li", {}, word)));
}

function drainButton(node, drained) {
  const draining = node.state === "draining";
  return h("button.plain", { type: "button", onclick: () => drain(node, draining, drained) }, t(draining ? "admin.undrain" : "admin.drain"));
}

async function drain(node, draining, drained) {
  const verb = draining ? "undrain" : "drain";
  if (!draining && !(await confirm(t("drain.title", { node: node.name }), t("drain.sentence"), t("admin.drain")))) return;
  try {
    await post(`/nodes/${encodeURIComponent(node.name)}/${verb}`);
    await drained?.();
  } catch (trouble) {
    toast(trouble.message, "bad");
  }
}
