// Builds what is seen of chats and messages.

import { $, el, icon } from "./elements.js";
import { receiptCard } from "./receipt.js";

export { $, el };

const PENCIL = "M4 20h4L19 9l-4-4L4 16z";
const ANSWER = "M10 7L4 12l6 5M4 12h9a6 6 0 0 1 6 6";

const TONES = 8;
const tones = new Map(); // in order of appearance, so that those seen together differ
const tone = (id) => tones.get(id) ?? tones.set(id, tones.size % TONES).get(id);
const initial = (name) => ([...name.trim()][0] ?? "?").toLocaleUpperCase();

export function avatar({ id, name }, kind = "") {
  return el("span", { class: `avatar tone-${tone(id)} ${kind}`, "aria-hidden": "true" }, initial(name));
}

export function standing(value) {
  const kind = value.sign > 0 ? "plus" : value.sign < 0 ? "minus" : "even";
  return el("span", { class: `standing ${kind}`, dir: "auto" }, value.text);
}

export function chatEntry({ chat, name, line, value, current, unread, open }) {
  const face = chat.kind === "group" ? avatar({ id: chat.id, name }, "square") : avatar({ id: chat.own[0] ?? chat.id, name });
  const closed = chat.archived ? el("span", { class: "closed" }, "closed") : null;
  const news = unread ? el("span", { class: "unread" }, String(unread), el("span", { class: "unseen" }, " new")) : null;
  return el("li", {},
    el("button", { type: "button", class: chat.archived ? "chat archived" : "chat", "aria-current": current ? "true" : undefined, "data-chat": chat.id, onclick: open },
      face,
      el("span", { class: "chat-text" }, el("span", { class: "chat-name", dir: "auto" }, name), line ? el("span", { class: "chat-last", dir: "auto" }, line) : null),
      el("span", { class: "chat-end" }, value ? standing(value) : null, closed, news)));
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const dayName = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
export function day(at) {
  const date = new Date(at), today = new Date();
  const days = Math.round((new Date(today.toDateString()) - new Date(date.toDateString())) / 86400000);
  return days === 0 ? "Today" : days === 1 ? "Yesterday" : dayName.format(date);
}

export function separator(at) {
  return el("li", { class: "day" }, el("span", {}, `${day(at)}, ${clock.format(new Date(at))}`));
}

// Comings and goings in a row, as one line: "Anna, Bob joined".
export function eventItem(events) {
  const parts = [];
  for (const { kind, sender } of events) {
    const last = parts.at(-1);
    if (last?.kind === kind) last.names.push(sender.name);
    else parts.push({ kind, names: [sender.name] });
  }
  return el("li", { class: "event" }, ...parts.flatMap(({ kind, names }, place) => [place ? " · " : "",
    ...names.flatMap((name, at) => [at ? (at === names.length - 1 ? " and " : ", ") : "", el("bdi", {}, name)]), kind === "join" ? " joined" : " left"]));
}

const REMOVED = "Message removed"; // its sender was erased
export const shortText = (message) => (message.kind === "removed" ? REMOVED : message.text || (message.files.length ? (message.files[0].type.startsWith("image/") ? "Photo" : "File") : ""));

// A link of this server's own to the photo of a receipt is shown as the photo.
function receiptIn(text) {
  const found = text.match(/\bhttps?:\/\/[^\s/]+\/receipts\/[\w.-]+/)?.[0];
  return found?.startsWith(`${location.origin}/receipts/`) ? { text: text.replace(found, "").replace(/[:\s]+$/, ""), link: found } : { text };
}

// `own`: written as the person one acts as now. `first`: the sender changed. `quoted`: the message it answers, where that is worth showing.
export function messageItem(message, { own, first, quoted, acts }) {
  const bot = message.sender === null;
  const bubble = el("div", { class: "bubble" });
  if (quoted) bubble.append(el("p", { class: "quote", dir: "auto" }, el("strong", {}, quoted.sender?.name ?? "Tuppence"), " ", shortText(quoted)));
  for (const file of message.files) bubble.append(picture(file, acts));
  const { text, link } = bot ? receiptIn(message.text) : message;
  if (link) bubble.append(picture({ type: "image/jpeg", url: link }, acts));
  if (message.receipt) bubble.append(receiptCard(message, acts));
  else if (text) bubble.append(el("p", { class: "text", dir: "auto" }, text));
  if (message.kind === "removed") bubble.append(el("p", { class: "text removed" }, REMOVED));
  const item = el("li", { class: `message ${bot ? "bot" : own ? "own" : "other"} ${first ? "first" : ""}`, "data-id": message.id, "data-change": String(message.change) });
  const who = bot ? "Tuppence" : message.sender.name;
  item.append(el("span", { class: own ? "unseen" : bot || !first ? "unseen" : "name", dir: "auto" }, own ? "You: " : who));
  if (first && !own) item.append(bot ? el("img", { class: "face", src: "/chat/static/icon.svg", alt: "" }) : avatar(message.sender, "face"));
  item.append(el("div", { class: "line" }, bubble, message.state ? null : aside(message, own, acts)));
  if (message.choices.length) item.append(choices(message, acts));
  const state = stateLine(message, acts);
  if (state) item.append(state);
  return item;
}

function picture(file, acts) {
  if (!file.type.startsWith("image/")) return el("a", { class: "file", href: `/chat/files/${file.id}`, download: "" }, "Download the file");
  const image = el("img", { class: "photo", src: file.url ?? `/chat/files/${file.id}`, alt: "Photo", loading: "lazy", onload: acts.settled });
  return el("button", { type: "button", class: "photo-button", "aria-label": "Show the photo large", onclick: () => acts.enlarge(image.src) }, image);
}

function choices(message, acts) {
  return el("div", { class: "choices", role: "group", "aria-label": "Answers" },
    ...message.choices.map((choice) => el("button", { type: "button", class: "choice", "data-choice": choice.id, dir: "auto", onclick: (event) => acts.press(message, choice, event.currentTarget) }, choice.label)));
}

function stateLine(message, acts) {
  if (message.state === "failed") {
    return el("p", { class: "state" }, el("span", { class: "failed" }, "Not sent"), el("button", { type: "button", class: "link", onclick: () => acts.retry(message) }, "Try again"),
      el("button", { type: "button", class: "link", onclick: () => acts.drop(message) }, "Throw away"));
  }
  if (message.state === "sending") return el("p", { class: "state sending" }, "Sending");
  return message.edited && message.sender ? el("p", { class: "state" }, "edited") : null;
}

// The time and what one can do with a message: out of sight until the message is pointed at, focused or tapped.
function aside(message, own, acts) {
  return el("div", { class: "aside" },
    el("time", { datetime: message.at }, clock.format(new Date(message.at))),
    el("button", { type: "button", class: "act", "aria-label": "Reply to this message", title: "Reply", onclick: () => acts.reply(message) }, icon(ANSWER)),
    own ? el("button", { type: "button", class: "act", "aria-label": "Edit this message", title: "Edit", onclick: () => acts.edit(message) }, icon(PENCIL)) : null);
}

// Opens a dialog; `submit(tell)` may tell how it goes and refuse with a text to show. Resolves with its result, or undefined where it was left.
export function ask(dialog, submit) {
  const form = dialog.querySelector("form"), wrong = dialog.querySelector(".wrong"), button = dialog.querySelector("[type=submit]");
  return new Promise((resolve) => {
    let result;
    const end = new AbortController();
    if (wrong) wrong.textContent = "";
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      const answer = await submit((text) => { if (wrong) wrong.textContent = text; });
      button.disabled = false;
      if (end.signal.aborted) return; // left meanwhile
      if (answer.wrong) wrong.textContent = answer.wrong;
      else { result = answer; dialog.close(); }
    }, { signal: end.signal });
    dialog.querySelector("[value=cancel]")?.addEventListener("click", () => dialog.close(), { signal: end.signal });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); }, { signal: end.signal });
    dialog.addEventListener("close", () => { end.abort(); resolve(result); }, { once: true });
    dialog.showModal();
  });
}
