// The REST interface and its event streams, as pages use them.
import { skew, t } from "./words.js";

const ROOT = "/api/v1";
let token = "";

/** What the API answered instead of success: a sentence with the next step. */
export class Trouble extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export function facts() {
  return JSON.parse(document.getElementById("facts").textContent || "{}");
}

/** Unsafe calls return this token; it comes with `me`, in the facts of a page or from the API. */
export function remember(me) {
  token = me?.csrf ?? "";
  return me;
}

export async function me() {
  return remember(await get("/me"));
}

export async function get(path) {
  return (await call("GET", path)).json();
}

export async function list(path) {
  return (await get(path)).items ?? [];
}

export async function text(path) {
  return (await call("GET", path)).text();
}

export async function post(path, body = {}) {
  return unsafe("POST", path, body);
}

export async function remove(path) {
  return unsafe("DELETE", path);
}

/** Paths outside the API too: signing out is a page's business. */
async function unsafe(method, path, body) {
  if (!token) await me();
  return call(method, path, body);
}

async function call(method, path, body) {
  const url = path.startsWith("/sign-out") ? path : ROOT + path;
  const headers = { Accept: "application/json, application/problem+json, text/plain" };
  if (method !== "GET") headers["X-Carrel-Token"] = token;
  if (method !== "GET") headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(url, { method, headers, body: body && JSON.stringify(body), redirect: "follow" });
  } catch {
    throw new Trouble(0, t("trouble.unreachable"));
  }
  adjust(answer.headers.get("Date"));
  if (answer.ok) return answer;
  if (answer.status === 401) toSignIn();
  throw new Trouble(answer.status, await sentenceOf(answer));
}

async function sentenceOf(answer) {
  const problem = await answer.json().catch(() => ({}));
  return problem.detail || problem.title || t("trouble.status", { status: answer.status });
}

function adjust(date) {
  const served = Date.parse(date ?? "");
  // whole seconds only: a smaller difference is the header's rounding
  if (served) skew.ms = Math.abs(served - Date.now()) > 2000 ? served - Date.now() : 0;
}

function toSignIn() {
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}

/**
 * Follows an event stream for as long as the page lives. The browser reconnects by itself; when it gives up (the server
 * answered with an error), we ask again less and less often, at most every 20 s.
 * @param on handlers by event name, given the parsed data; `open` after every (re)connection, `lost` while there is none
 * @return a function that ends it
 */
export function follow(url, on) {
  let source;
  let timer;
  let patience = 1000;
  let ended = false;
  const connect = () => {
    source = new EventSource(url);
    source.onopen = () => {
      patience = 1000;
      on.open?.();
    };
    source.onerror = () => {
      on.lost?.();
      if (source.readyState !== EventSource.CLOSED || ended) return;
      timer = setTimeout(connect, patience);
      patience = Math.min(patience * 2, 20000);
    };
    for (const name of Object.keys(on))
      if (name !== "open" && name !== "lost") source.addEventListener(name, (event) => on[name](read(event.data)));
  };
  connect();
  return () => {
    ended = true;
    clearTimeout(timer);
    source.close();
  };
}

function read(data) {
  try {
    return JSON.parse(data);
  } catch {
    return {};
  }
}
