// The page's end of a link: gives Shiny a socket that outlives the connections which carry it. Messages are numbered
// and kept until the other end (link.R) has acknowledged them; after a cut the page dials again, both ends say where
// they stand, and the rest is sent once. The wire is in docs/adr/0010-a-page-survives-a-cut.md.
//
// Says how it stands by an event `carrel:link` on document, detail {state, reason}, and in <html data-carrel-link>:
// linked, cut (the session is safe, reconnecting), signed-out (it waits for its user to sign in again), resumed, gone
// (it won't come back), plain (no link here).
(() => {
  "use strict";
  const shown = document.documentElement.dataset;
  if ("carrelLink" in shown || !document.currentScript) return;
  shown.carrelLink = "new";

  const VERSION = "1";
  const MARK = "?carrel-link=1";
  const ROOT = new URL(".", document.currentScript.src);
  const QUIET_MS = 10000; // without a frame: a ping
  const ANSWER_MS = 5000; // without an answer to it: another dial beside, and a look whether the front is there
  const ACK_MESSAGES = 32;
  const ACK_BYTES = 256 * 1024;
  const MOST_KEPT = 64 * 1024 * 1024; // bytes for a session that is away; uploads don't go this way
  const MOST_TRIES = 20; // of a request, while the link stands

  let current; // the link of this page; Shiny begins another only after the last is gone

  /** What Shiny takes for its WebSocket. */
  class LinkSocket extends EventTarget {
    constructor() {
      super();
      this.readyState = WebSocket.CONNECTING;
      this.binaryType = "arraybuffer";
      this.bufferedAmount = 0;
      this.onopen = this.onmessage = this.onclose = this.onerror = null;
    }

    send(data) {
      if (this.readyState === WebSocket.CONNECTING) throw new DOMException("still connecting", "InvalidStateError");
      if (this.readyState === WebSocket.OPEN) this.link.give(data);
    }

    close() {
      this.link.leave("closed by the page");
    }

    fire(event) {
      const handler = this[`on${event.type}`];
      if (typeof handler === "function") handler.call(this, event);
      this.dispatchEvent(event);
    }
  }

  class Link {
    constructor(address) {
      this.address = address;
      this.socket = new LinkSocket();
      this.socket.link = this;
      this.socket.url = address;
      this.id = "";
      this.key = "";
      this.sent = 0;
      this.received = 0; // the last number from R
      this.unsaid = 0; // of those, not acknowledged yet
      this.unsaidBytes = 0;
      this.kept = []; // {number, frame, size}, not acknowledged by R
      this.keptBytes = 0;
      this.carrier = null; // the WebSocket that carries it
      this.dialled = null; // one that may come to
      this.unanswered = 0; // dials that opened and were closed without a hello
      this.missing = 0; // times in a row that the front knew no such session
      this.away = true; // no carrier, and that is known
      this.signedOut = false; // and that is why
      this.over = false;
      this.since = Date.now(); // of the cut
      this.heard = Date.now();
      this.waiting = new Set(); // who waits for it to stand again
      this.dial();
    }

    // ---- dialling -------------------------------------------------------------------------------------------------

    dial() {
      clearTimeout(this.retry);
      if (this.over || this.dialled) return;
      const ws = new WebSocket(this.address + MARK);
      ws.binaryType = "arraybuffer";
      this.dialled = ws;
      let opened = false;
      ws.onopen = () => {
        opened = true;
        ws.send(this.id ? `h ${VERSION} resume ${this.id} ${this.key} ${this.received}` : `h ${VERSION} new`);
      };
      ws.onmessage = (event) => this.welcome(ws, event.data);
      ws.onclose = () => {
        if (this.dialled !== ws) return;
        this.dialled = null;
        if (opened && !this.id && ++this.unanswered === 3) this.becomePlain("the app speaks without a link");
        else if (this.carrier) this.slowDial(null);
        else this.later();
      };
      this.patience = setTimeout(() => this.slowDial(ws), ANSWER_MS);
    }

    /** R that computes answers nobody: only a front that is away too makes the dial a lost one. */
    async slowDial(ws) {
      if (this.dialled !== ws || this.over) return;
      const found = await this.look();
      if (this.dialled !== ws || this.over) return;
      if (found === "away") this.giveUp(ws);
      else if (ws) this.patience = setTimeout(() => this.slowDial(ws), 2 * ANSWER_MS);
    }

    giveUp(ws) {
      if (ws) forget(ws);
      this.dialled = null;
      if (this.carrier) forget(this.carrier);
      this.cut("the connection is silent");
    }

    /** Never later than a twentieth of what the cut has lasted; and by a look first, since browsers slow down dials that fail. */
    later() {
      const pause = Math.min(2000, Math.max(100, (Date.now() - this.since) / 20)) * (0.75 + Math.random() / 2);
      clearTimeout(this.retry);
      this.retry = setTimeout(() => this.again(), pause);
    }

    async again() {
      if (this.over || this.dialled) return;
      const found = await this.look();
      if (this.over || this.dialled || this.carrier) return;
      if (found === "here") this.dial();
      else this.later();
    }

    /** @return "here", or "away"; ends the link when the session is gone. */
    async look() {
      const abort = new AbortController();
      const timer = setTimeout(() => abort.abort(), ANSWER_MS);
      try {
        const answer = await fetch(new URL(".carrel/state", ROOT), { cache: "no-store", signal: abort.signal });
        if (answer.status >= 502 && answer.status <= 504) return "away";
        const type = answer.headers.get("Content-Type") || "";
        if (!type.includes("json")) return "here"; // not a front of ours: the dial will tell
        const news = await answer.json();
        if (answer.status === 401 && !this.signedOut) announce("signed-out", news.detail || "signed out");
        this.signedOut = answer.status === 401;
        this.missing = answer.status === 404 ? this.missing + 1 : 0;
        if (answer.status === 410 || this.missing === 2 || news.state === "ended")
          this.end("gone", news.reason || news.detail || "the session has ended");
        return this.missing || answer.status === 401 || news.state === "draining" ? "away" : "here";
      } catch {
        return "away";
      } finally {
        clearTimeout(timer);
      }
    }

    /** The other end's first frame on a dial. */
    welcome(ws, data) {
      const words = typeof data === "string" ? data.split(" ") : [];
      if (words[0] !== "h") {
        this.dialled = null;
        forget(ws);
        this.becomePlain("the app speaks without a link");
        return;
      }
      const why = words.slice(3).join(" ");
      if (words[2] === "gone" || words[2] === "refused") {
        this.end("gone", why);
        return;
      }
      clearTimeout(this.patience);
      this.dialled = null;
      if (this.carrier) forget(this.carrier);
      this.carrier = ws;
      this.heard = Date.now();
      ws.onmessage = (event) => this.hear(event.data);
      ws.onclose = () => {
        if (this.carrier === ws) this.cut("the connection was closed");
      };
      if (words[2] === "new") [, , , this.id, this.key] = words;
      else this.acknowledged(Number(words[3]));
      for (const message of this.kept) ws.send(message.frame);
      const began = this.socket.readyState === WebSocket.CONNECTING;
      const wasAway = this.away;
      this.away = this.signedOut = false;
      this.watch(QUIET_MS);
      if (began || wasAway) announce(began ? "linked" : "resumed", "");
      for (const settle of this.waiting) settle(true);
      this.waiting.clear();
      if (began) {
        this.socket.readyState = WebSocket.OPEN;
        this.socket.fire(new Event("open"));
      }
    }

    cut(reason) {
      this.carrier = null;
      clearTimeout(this.silence);
      if (this.over) return;
      if (!this.away) {
        this.away = true;
        this.since = Date.now();
        announce("cut", reason);
        this.dial();
      } else this.later();
    }

    // ---- silence --------------------------------------------------------------------------------------------------

    watch(pause) {
      clearTimeout(this.silence);
      this.silence = setTimeout(() => {
        const quiet = QUIET_MS - (Date.now() - this.heard);
        if (quiet > 0) this.watch(quiet);
        else this.ping(ANSWER_MS);
      }, pause);
    }

    ping(patience) {
      if (!this.carrier) return;
      const asked = Date.now();
      this.carrier.send(`p${this.received}`);
      this.unsaid = this.unsaidBytes = 0;
      clearTimeout(this.silence);
      this.silence = setTimeout(() => {
        if (this.heard >= asked) return this.watch(QUIET_MS);
        this.dial(); // beside: whichever answers first
        this.watch(QUIET_MS);
      }, patience);
    }

    /** Something says that the network may have changed. */
    nudge() {
      if (this.over) return;
      if (this.away) this.dial();
      else if (Date.now() - this.heard > 1000) this.ping(2000);
    }

    // ---- messages -------------------------------------------------------------------------------------------------

    give(data) {
      const number = ++this.sent;
      const text = typeof data === "string";
      const frame = text ? `m${number} ${data}` : new Blob([`m${number} `, data]);
      const size = text ? frame.length : frame.size;
      this.kept.push({ number, frame, size });
      this.keptBytes += size;
      if (this.carrier) this.carrier.send(frame);
      else if (this.keptBytes > MOST_KEPT) this.end("gone", "too much waited for a session that was away");
    }

    acknowledged(number) {
      while (this.kept.length && this.kept[0].number <= number) this.keptBytes -= this.kept.shift().size;
    }

    hear(data) {
      this.heard = Date.now();
      if (this.dialled && this.id) { // it lives: R was only busy
        forget(this.dialled);
        this.dialled = null;
      }
      const text = typeof data === "string";
      const head = text ? data.slice(0, 18) : String.fromCharCode(...new Uint8Array(data, 0, Math.min(18, data.byteLength)));
      switch (head[0]) {
        case "m":
          return this.message(data, head.indexOf(" "), Number(head.slice(1, head.indexOf(" "))));
        case "a":
        case "p":
          return this.acknowledged(Number(head.slice(1)));
        case "b":
          return this.end("gone", data.slice(1));
        default: // a refusal, or something that can't be
          return this.end("gone", text ? data.split(" ").slice(3).join(" ") : "a frame that is none");
      }
    }

    message(data, space, number) {
      if (number <= this.received) return;
      if (number !== this.received + 1) {
        this.end("gone", "a message is missing");
        return;
      }
      this.received = number;
      this.unsaid++;
      this.unsaidBytes += typeof data === "string" ? data.length : data.byteLength;
      if (this.unsaid >= ACK_MESSAGES || this.unsaidBytes >= ACK_BYTES) {
        this.unsaid = this.unsaidBytes = 0;
        this.carrier.send(`a${number}`);
      }
      this.socket.fire(new MessageEvent("message", { data: data.slice(space + 1) }));
    }

    // ---- ends -----------------------------------------------------------------------------------------------------

    leave(reason) {
      if (this.carrier && this.carrier.readyState === WebSocket.OPEN) this.carrier.send("b");
      this.end("gone", reason);
    }

    end(state, reason) {
      if (this.over) return;
      this.over = true;
      for (const timer of [this.retry, this.patience, this.silence]) clearTimeout(timer);
      for (const ws of [this.carrier, this.dialled]) if (ws) forget(ws);
      this.carrier = this.dialled = null;
      this.kept = [];
      announce(state, reason);
      for (const settle of this.waiting) settle(false);
      this.waiting.clear();
      this.socket.readyState = WebSocket.CLOSED;
      this.socket.fire(new CloseEvent("close", { code: 1000, reason }));
    }

    /** Nothing links at the other end: from here on the socket is an ordinary one. */
    becomePlain(reason) {
      this.over = true;
      clearTimeout(this.patience);
      announce("plain", reason);
      const { socket } = this;
      const ws = new WebSocket(this.address);
      ws.binaryType = "arraybuffer";
      this.give = (data) => ws.send(data);
      this.leave = () => ws.close();
      for (const name of ["open", "message", "close", "error"])
        ws[`on${name}`] = (event) => {
          socket.readyState = ws.readyState;
          socket.fire(new event.constructor(event.type, event));
        };
    }

    /** @return a promise of whether it stands, once that is known */
    stands() {
      if (this.over || !this.away) return Promise.resolve(!this.over);
      return new Promise((settle) => this.waiting.add(settle));
    }
  }

  function forget(ws) {
    ws.onopen = ws.onmessage = ws.onclose = null;
    ws.close();
  }

  function announce(state, reason) {
    shown.carrelLink = state;
    document.dispatchEvent(new CustomEvent("carrel:link", { detail: { state, reason } }));
  }

  /** As Shiny's own: below the page's path. */
  function address() {
    let path = location.pathname;
    if (!/^([$#!&-;=?-[\]_a-z~]|%[0-9a-fA-F]{2})+$/.test(path)) path = encodeURI(path);
    if (!path.endsWith("/")) path += "/";
    return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${path}websocket/`;
  }

  // ---- requests beside the socket ---------------------------------------------------------------------------------

  const AGAIN = new Set([502, 503, 504]);
  const underWay = new Set();

  /** Uploads, and data that widgets fetch for themselves, are asked for again when a cut takes their answer. */
  function keepRequests($) {
    $.ajaxTransport("+*", (options) => {
      const to = new URL(options.url, location.href);
      const kind = /\/session\/[0-9a-f]+\/(upload|dataobj)\//.exec(to.pathname);
      if (!current || !kind || to.origin !== location.origin || options.async === false) return undefined;
      const request = new Request(options, kind[1] === "upload" ? randomHex() : "");
      return { send: (headers, complete) => request.begin(headers, complete), abort: () => request.abort() };
    });
  }

  /** One request, as often as it needs. With an id R takes it once, however often it arrives. */
  class Request {
    constructor(options, id) {
      this.options = options;
      this.id = id;
      this.tries = 0;
      this.moved = Date.now();
    }

    begin(headers, complete) {
      this.headers = headers;
      this.complete = (...answer) => {
        underWay.delete(this);
        complete(...answer);
      };
      underWay.add(this);
      this.go();
    }

    go() {
      const { options } = this;
      const xhr = options.xhr();
      this.xhr = xhr;
      xhr.open(options.type, options.url, true, options.username, options.password);
      Object.assign(xhr, options.xhrFields);
      if (options.mimeType) xhr.overrideMimeType(options.mimeType);
      const headers = { "X-Requested-With": "XMLHttpRequest", ...this.headers };
      if (this.id) headers["Carrel-Upload"] = this.id;
      for (const name of Object.keys(headers)) xhr.setRequestHeader(name, headers[name]);
      const moved = () => (this.moved = Date.now());
      moved();
      xhr.addEventListener("progress", moved);
      xhr.upload.addEventListener("progress", moved);
      xhr.addEventListener("load", () => {
        if (AGAIN.has(xhr.status)) this.again();
        else this.done(xhr);
      });
      for (const name of ["error", "timeout"]) xhr.addEventListener(name, () => this.again());
      xhr.send((options.hasContent && options.data) || null);
    }

    done(xhr) {
      const text = (xhr.responseType || "text") === "text";
      const body = text ? { text: xhr.responseText } : { binary: xhr.response };
      this.complete(xhr.status, xhr.statusText, body, xhr.getAllResponseHeaders());
    }

    async again() {
      if (this.stopped) return;
      const { status, statusText } = this.xhr;
      this.xhr = null;
      if (this.tries++ > 0) await new Promise((settle) => setTimeout(settle, 100 * Math.min(20, this.tries)));
      if (!(await current.stands()) || this.tries > MOST_TRIES) this.complete(status, statusText || "error");
      else if (!this.stopped) this.go();
    }

    /** The link stands on another connection: what hasn't moved since the old one was lost won't. */
    restart(cutSince) {
      if (!this.xhr || this.moved > cutSince) return;
      const { xhr } = this;
      this.again();
      xhr.abort();
    }

    abort() {
      this.stopped = true;
      if (this.xhr) this.xhr.abort();
      this.complete(0, "abort");
    }
  }

  function randomHex() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  document.addEventListener("carrel:link", (event) => {
    if (event.detail.state === "resumed") for (const request of [...underWay]) request.restart(current.since);
  });

  // ---- in front of Shiny ------------------------------------------------------------------------------------------

  function install() {
    const { Shiny, jQuery } = window;
    if (!Shiny) return announce("plain", "the page has no Shiny");
    if (Shiny.createSocket) return announce("plain", "another script makes this page's connection");
    Shiny.createSocket = () => {
      current = new Link(address());
      return current.socket;
    };
    if (jQuery) keepRequests(jQuery);
    addEventListener("online", () => current?.nudge());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && current?.nudge());
    // the page is left: R ends at once, as it does without a link
    addEventListener("pagehide", () => current?.leave("the page was left"));
  }

  // before Shiny connects, which it does after the document is there
  if (window.Shiny) install();
  else document.addEventListener("DOMContentLoaded", install);
})();
