// What is on its way: messages, photos, edits and presses, one after the other and each until the server has it. Knows nothing of how that looks.

import { newId, post, upload } from "./api.js";

const KEPT = "tuppence.unsent";

// An item: { id, chat, person, at, state: "waiting" | "failed" } with text, to, file and its url, or { edit: message id, text }, or { press: button id, on: message id }.
let items = [];
const mine = new Set(); // ids of this tab's items, also of those that are through
let hooks = { changed() {}, sent() {}, refused() {}, trouble() {} };
let wakeUp = () => {};
let pumping = false;

export const onTheWay = () => items;
export const listenTo = (given) => { hooks = { ...hooks, ...given }; };

export function enqueue(item) {
  items.push({ id: newId(), at: new Date().toISOString(), state: "waiting", ...item });
  mine.add(items.at(-1).id);
  keep();
  hooks.changed();
  pump();
}

export function retry(id) {
  for (const item of items) if (item.id === id) item.state = "waiting";
  hooks.changed();
  pump();
}

export function drop(id) {
  items.filter((item) => item.id === id).forEach(forget);
  items = items.filter((item) => item.id !== id);
  keep();
  hooks.changed();
}

// A chat was cleared: what was on its way there goes with it.
export function dropAll(chat) {
  items.filter((item) => item.chat === chat).forEach(forget);
  items = items.filter((item) => item.chat !== chat);
  keep();
}

// The connection is back, or somebody came back to the page: no need to sit the pause out.
export function wake() {
  wakeUp();
  pump();
}

// What an earlier visit left behind. `allowed(item)`: whether it can still be sent.
export function resume(allowed) {
  const known = new Set(items.map((item) => item.id));
  const kept = stored().filter((item) => allowed(item) && !known.has(item.id));
  kept.forEach((item) => mine.add(item.id));
  items = [...kept.map((item) => ({ ...item, state: "waiting" })), ...items];
  pump();
}

function stored() {
  try { return JSON.parse(localStorage.getItem(KEPT) ?? "[]"); } catch { return []; }
}

// Photos cannot be kept there; what other tabs keep stays.
function keep() {
  const own = items.filter((item) => !item.file).map(({ state, tries, ...item }) => item);
  try { localStorage.setItem(KEPT, JSON.stringify([...stored().filter((item) => !mine.has(item.id)), ...own])); } catch { /* full or forbidden: kept as long as the page is open */ }
}

function forget(item) {
  if (item.url) setTimeout(() => URL.revokeObjectURL(item.url), 10000);
}

async function pump() {
  if (pumping) return;
  pumping = true;
  for (let item; (item = items.find((one) => one.state === "waiting"));) {
    try {
      const answer = await deliver(item);
      items = items.filter((one) => one !== item);
      forget(item);
      hooks.sent(item, answer);
    } catch (error) {
      if (error.again) await pause(item, error);
      else refused(item, error);
    }
    keep();
    hooks.changed();
  }
  pumping = false;
  hooks.trouble(null); // only now: a line that comes and goes with every message moves the whole page
}

async function pause(item, error) {
  item.tries = (item.tries ?? -1) + 1;
  if (error.slow || (error.status && item.tries > 0)) hooks.trouble(error.slow ? "slow" : "busy");
  await new Promise((done) => { wakeUp = error.slow ? () => {} : done; setTimeout(done, error.pause(item.tries)); });
  wakeUp = () => {};
}

// A message stays, to be tried again or thrown away; an edit or a press is over.
function refused(item, error) {
  item.state = "failed";
  if (item.edit || item.press) items = items.filter((one) => one !== item);
  hooks.refused(item, error);
}

async function deliver(item) {
  const where = `/chat/chats/${item.chat}`;
  if (item.edit) return post(`${where}/messages/${item.edit}/edit`, { person: item.person, text: item.text });
  if (item.press) return post(`${where}/messages/${item.on}/press`, { id: item.id, person: item.person, button: item.press });
  if (item.file && !item.photo) item.photo = (await upload(`${where}/photos?person=${item.person}`, item.file)).photo;
  const body = { id: item.id, person: item.person };
  if (item.text) body.text = item.text;
  if (item.to) body.reply_to = item.to;
  if (item.photo) body.photo = item.photo;
  return post(`${where}/messages`, body);
}
