// Talks to the server: JSON requests, photo uploads and the live stream that resumes where it was cut. Knows nothing of the page.

export class Refused extends Error {
  constructor(status, code, waitMs = 0) {
    super(code);
    this.status = status;
    this.code = code;
    this.waitMs = waitMs; // what the server asks for
  }
  get again() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
  get slow() {
    return this.status === 429;
  }
  // Before the next try, longer each time. Not all at once: everybody else waits for the same server.
  pause(tries) {
    return Math.max(this.waitMs, Math.min(700 * 2 ** tries, 15000)) * (1 + Math.random() * 0.3);
  }
}

export const newId = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};

const own = { "X-Tuppence": "1" };
// Days and months begin at midnight where the person is: the zone goes along with whatever is sent, also after a flight.
const sending = () => ({ ...own, "Tuppence-Time-Zone": Intl.DateTimeFormat().resolvedOptions().timeZone ?? "" });

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(20000), ...options });
  } catch {
    throw new Refused(0, "offline");
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, body.title ?? "refused", 1000 * (Number(response.headers.get("Retry-After")) || 0));
  return body;
}

export const get = (path) => request(path, { headers: own });
export const post = (path, body) => request(path, { method: "POST", headers: { ...sending(), "Content-Type": "application/json" }, body: JSON.stringify(body) });
export const upload = (path, file) =>
  request(path, { method: "POST", headers: { ...sending(), "Content-Type": "application/octet-stream" }, body: file, signal: AbortSignal.timeout(120000) });

// Tries until it works or can never work; `told(error)` hears of every try in vain. For what may be sent twice without harm.
export async function insist(work, { told = () => {}, forMs = 45000 } = {}) {
  const until = Date.now() + forMs;
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const pause = error.again ? error.pause(tries) : Infinity;
      if (Date.now() + pause > until) throw error;
      told(error);
      await new Promise((done) => setTimeout(done, pause));
    }
  }
}

const SILENCE_MS = 40000; // the server says something every 15 s
const wait = (ms, signal) => new Promise((done) => {
  const timer = setTimeout(done, ms);
  signal.addEventListener("abort", () => { clearTimeout(timer); done(); }, { once: true });
});

// Calls message(data) for every event, once each and in order, and state("live" | "lost" | "no_session"). `cursor` is the server's own word for where to resume.
export class Live {
  constructor({ cursor, message, state }) {
    this.cursor = cursor;
    this.message = message;
    this.state = state;
    this.nudge = new AbortController();
    this.run();
  }

  wake() {
    this.nudge.abort();
  }

  async run() {
    for (let tries = 0; ; tries += 1) {
      this.nudge = new AbortController();
      const outcome = await this.read(() => { tries = 0; }).catch(() => "lost");
      if (outcome === "no_session") return this.state("no_session");
      this.state("lost");
      this.nudge = new AbortController();
      await wait(Math.min(300 * 2 ** tries, 8000) * (0.7 + Math.random() * 0.6), this.nudge.signal);
    }
  }

  async read(opened) {
    const abort = new AbortController();
    let watch;
    const heard = () => { clearTimeout(watch); watch = setTimeout(() => abort.abort(), SILENCE_MS); };
    this.nudge.signal.addEventListener("abort", () => abort.abort(), { once: true });
    heard();
    try {
      const response = await fetch("/chat/events", { headers: { ...own, "Last-Event-ID": this.cursor }, credentials: "same-origin", cache: "no-store", signal: abort.signal });
      if (response.status === 401) return "no_session";
      if (!response.ok) return "lost";
      opened();
      this.state("live");
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return "lost";
        heard();
        const events = (rest + value).split("\n\n");
        rest = events.pop();
        events.forEach((event) => this.take(event));
      }
    } finally {
      clearTimeout(watch);
    }
  }

  take(event) {
    const fields = {};
    for (const line of event.split("\n")) {
      const at = line.indexOf(": ");
      if (at > 0) fields[line.slice(0, at)] = line.slice(at + 2);
    }
    if (fields.event === "message") this.message(JSON.parse(fields.data));
    if (fields.id) this.cursor = fields.id;
  }
}
