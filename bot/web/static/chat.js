// The page's state and what people do with it: who one writes as, which chat is open, what is on its way.

import { Live, get, insist, post } from "./api.js";
import { addPerson, invite, joinByLink, newGroup, newPerson, rename, setPage } from "./dialogs.js";
import * as sending from "./sending.js";
import { WORDS, actingIn, book, chatOf, learn, nameOf, personName, say, sorted, state, take } from "./state.js";
import { $, avatar, chatEntry, day, el, eventItem, messageItem, separator, shortText, standing } from "./view.js";

const PAGE = 40;
const PAUSE_MS = 30 * 60 * 1000; // after a longer silence the time is shown
const OPEN = "tuppence.chat";
const NOTICES = {
  lost: "Reconnecting… What you write is kept and sent then.",
  offline: "You are offline. What you write is kept and sent later.",
  slow: "That was a lot at once. The rest is kept and follows in a moment.",
  busy: "Tuppence is busy. What you write is kept and follows in a moment.",
};

// ------------------------------------------------------------------ showing things
function showSide() {
  const entry = (chat) => {
    const last = sorted(chat.id).filter((message) => message.kind !== "join" && message.kind !== "leave").at(-1);
    const line = last ? `${last.sender === null || chat.kind === "private" ? "" : `${last.sender.name}: `}${shortText(last).split("\n")[0]}` : chat.kind === "group" ? `${chat.members.length} in` : "";
    return chatEntry({ chat, name: nameOf(chat), line, value: chat.standing[actingIn(chat)], current: chat.id === state.chat, unread: state.unread.get(chat.id), open: () => openChat(chat.id, { focus: true }) });
  };
  const focused = document.activeElement?.dataset?.chat;
  $("people").replaceChildren(...state.chats.filter((chat) => chat.kind === "private").map(entry));
  $("groups").replaceChildren(...state.chats.filter((chat) => chat.kind === "group").map(entry));
  $("no-groups").hidden = state.chats.some((chat) => chat.kind === "group");
  if (focused) document.querySelector(`[data-chat="${focused}"]`)?.focus();
  const news = [...state.unread.values()].reduce((sum, count) => sum + count, 0);
  $("unread-dot").hidden = news === 0;
  document.title = `${news ? `(${news}) ` : ""}${chatOf(state.chat) ? `${nameOf(chatOf(state.chat))} · ` : ""}Tuppence`;
}

function showTop() {
  const chat = chatOf(state.chat);
  if (!chat) return;
  const group = chat.kind === "group";
  $("chat-title").textContent = nameOf(chat);
  $("chat-line").textContent = group ? chat.members.map((member) => member.name).join(", ") : "with Tuppence";
  $("invite").hidden = !group;
  $("rename").hidden = group;
  const value = chat.standing[state.person];
  $("chat-standing").replaceChildren(...(value ? [standing(value)] : []));
  $("chat-standing").hidden = !value;
  const many = group && chat.own.length > 1;
  $("acting").hidden = !group;
  $("acting").replaceChildren(...(group ? [el("span", { class: "as" }, "Writing as"), ...chat.own.map((id) => actingButton(chat, id, many))] : []),
    ...(group ? state.people.filter((person) => !chat.own.includes(person.id)).map((person) => addButton(chat, person)) : []));
  $("text").placeholder = group ? "paid 90 for dinner" : "coffee 3.50";
}

function addButton(chat, person) {
  return el("button", { type: "button", class: "face-button more", "aria-label": `Add ${person.name} to the group`, onclick: () => addPerson(chat, person) }, "+ ", el("bdi", {}, person.name));
}

function actingButton(chat, id, many) {
  const chosen = id === state.person;
  return el("button", {
    type: "button", role: "radio", class: "face-button", "aria-checked": String(chosen), tabindex: chosen ? "0" : "-1", "data-person": id, disabled: !many && !chosen,
    onclick: () => actAs(chat, id),
    onkeydown: (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      actAs(chat, chat.own.at((chat.own.indexOf(id) + step) % chat.own.length));
      $("acting").querySelector("[aria-checked=true]").focus();
    },
  }, avatar({ id, name: personName(id) }), el("bdi", {}, personName(id)));
}

const acts = {
  press, reply: (message) => startContext("reply", message), edit: (message) => startContext("edit", message), enlarge, settled: () => stick(),
  retry: (message) => sending.retry(message.id), drop: (message) => sending.drop(message.id),
};
const near = () => $("scroll").scrollHeight - $("scroll").scrollTop - $("scroll").clientHeight < 120;
let sticking = true;
const toEnd = () => { $("scroll").scrollTop = $("scroll").scrollHeight; sticking = true; $("latest").hidden = true; };
const stick = () => { if (sticking) toEnd(); };

function pendingMessages() {
  const stored = new Set(sorted(state.chat).map((message) => message.request));
  return sending.onTheWay().filter((each) => each.chat === state.chat && !each.edit && !each.press && !stored.has(each.id)).map((each) => ({
    chat: each.chat, id: each.id, seq: Infinity, change: 0, kind: each.file ? "photo" : "text", sender: { id: each.person, name: personName(each.person) }, text: each.text ?? "",
    choices: [], files: each.url ? [{ id: "", type: each.file.type.startsWith("image/") ? "image/local" : "file", url: each.url }] : [], to: each.to ?? null, edited: false, at: each.at, state: each.state === "failed" ? "failed" : "sending",
  }));
}

// Stored is not yet taken: a message counts as sent only when the server has said so, and is sent again until then. An edit shows at once.
function shownMessages() {
  const unsent = sending.onTheWay();
  const waiting = new Set(unsent.map((each) => each.id));
  const edits = new Map(unsent.filter((each) => each.edit).map((each) => [each.edit, each.text]));
  const now = (message) => {
    if (edits.has(message.id)) return { ...message, text: edits.get(message.id), state: "sending" };
    return waiting.has(message.request) ? { ...message, state: "sending" } : message;
  };
  return [...sorted(state.chat).map(now), ...pendingMessages()];
}

// Draws the open chat anew where needed: items that did not change stay the same nodes, so that screen readers hear only what is new.
function showLog() {
  const messages = shownMessages();
  const old = new Map([...$("log").children].map((node) => [node.dataset.key, node]));
  let before = null, events = null;
  const nodes = [];
  const add = (key, make) => {
    const node = old.get(key) ?? make();
    node.dataset.key = key;
    nodes.push(node);
  };
  const endEvents = () => {
    if (events) { const ended = events; add(`events ${ended.map((event) => event.id).join(" ")}`, () => eventItem(ended)); }
    events = null;
  };
  for (const message of messages) {
    const gap = !before || day(before.at) !== day(message.at) || new Date(message.at) - new Date(before.at) > PAUSE_MS;
    if (gap) { endEvents(); add(`gap ${message.id}`, () => separator(message.at)); }
    if (message.kind === "join" || message.kind === "leave") { events = [...(events ?? []), message]; before = message; continue; }
    const afterEvents = events !== null;
    endEvents();
    const own = message.sender?.id === state.person;
    const quoted = message.to && message.sender ? book(message.chat).messages.get(message.to) : null;
    const first = gap || afterEvents || before.sender?.id !== message.sender?.id;
    add([message.id, message.change, message.state && message.text, own, first, message.state, message.sender?.name, Boolean(quoted)].join(" "), () => messageItem(message, { own, first, quoted, acts }));
    before = message;
  }
  endEvents();
  // What is over goes first: then nothing that stays has to move, and nothing is read out or faded in twice.
  const staying = new Set(nodes);
  [...$("log").children].filter((node) => !staying.has(node)).forEach((node) => node.remove());
  nodes.forEach((node, place) => { if ($("log").children[place] !== node) $("log").insertBefore(node, $("log").children[place] ?? null); });
  $("earlier").hidden = !book(state.chat).more;
  showEmpty(messages);
  stick();
}

function showEmpty(messages) {
  const chat = chatOf(state.chat);
  const spoken = messages.some((message) => message.sender && message.kind !== "join" && message.kind !== "leave");
  $("empty").hidden = spoken || !chat || !book(chat.id).loaded;
  if ($("empty").hidden) return;
  const others = chat.members.filter((member) => member.id !== state.person).map((member) => member.name);
  const group = chat.kind === "group";
  $("empty").classList.toggle("compact", group && messages.some((message) => message.sender === null));
  $("empty-title").textContent = group ? `The tab of ${chat.title}` : "What did you spend?";
  $("empty-text").textContent = group ? "Say what was paid; Tuppence splits it and knows who owes whom." : "Write it as you would to a friend. Tuppence keeps exact count.";
  const examples = group ? ["taxi 24", others.length > 1 ? `paid 90 for dinner, everyone except ${others.at(-1)}` : "paid 90 for dinner", "who owes whom?"] : ["coffee 3.50", "paid 45 for dinner with Anna", "how much on food this month?"];
  $("examples").replaceChildren(...examples.map((text) => el("button", { type: "button", class: "example", dir: "auto", onclick: () => { send({ text }); $("text").focus(); } }, text)));
}

let toastTimer;
function toast(text) {
  clearTimeout(toastTimer);
  $("toast").textContent = text;
  $("toast").classList.add("shown");
  toastTimer = setTimeout(() => { $("toast").classList.remove("shown"); $("toast").textContent = ""; }, Math.max(4000, text.length * 70));
}

let writingTimer;
function showWriting(on) {
  clearTimeout(writingTimer);
  $("writing").hidden = !on;
  if (on) writingTimer = setTimeout(() => { $("writing").hidden = true; }, 8000);
  stick();
}

function showAll() {
  showTop();
  showLog();
  showSide();
}

// ------------------------------------------------------------------ moving about
async function openChat(id, { focus = false } = {}) {
  const chat = chatOf(id);
  if (!chat) return;
  if (state.chat !== id) { endContext(); showWriting(false); $("log").replaceChildren(); }
  state.chat = id;
  state.person = actingIn(chat);
  state.unread.delete(id);
  localStorage.setItem(OPEN, id);
  closeSide();
  sticking = true;
  showAll();
  toEnd();
  if (focus) $("text").focus();
  if (!book(id).loaded) await loadHistory(id);
}

async function loadHistory(id, before) {
  try {
    const { messages, more } = await get(`/chat/chats/${id}/messages?limit=${PAGE}${before ? `&before=${before}` : ""}`);
    const height = $("scroll").scrollHeight;
    messages.forEach(learn);
    Object.assign(book(id), { more, loaded: true });
    if (state.chat === id) {
      if (before) sticking = false;
      showLog();
      if (before) $("scroll").scrollTop += $("scroll").scrollHeight - height;
    }
    showSide();
  } catch (error) {
    if (error.again) setTimeout(() => loadHistory(id, before), Math.max(error.waitMs, 3000));
  }
}

function actAs(chat, id) {
  state.acting.set(chat.id, id);
  state.person = id;
  endContext();
  $("log").replaceChildren();
  showAll();
}

function openSide() { $("app").classList.add("side-open"); $("scrim").hidden = false; $("open-side").setAttribute("aria-expanded", "true"); ($("side").querySelector("[aria-current]") ?? $("close-side")).focus(); }
function closeSide() { $("app").classList.remove("side-open"); $("scrim").hidden = true; $("open-side").setAttribute("aria-expanded", "false"); }

let refreshing = null;
function refresh(later = 0) {
  clearTimeout(refreshing);
  refreshing = setTimeout(async () => {
    try { if (await takeAnew()) { showTop(); showSide(); } } catch (error) { if (error.again) refresh(error.pause(2)); }
  }, later);
}

// What was asked for before something newer came is out of date: a group made meanwhile is not in it.
async function takeAnew() {
  const taken = state.taken;
  const found = await get("/chat/state");
  if (taken !== state.taken) { refresh(250); return false; }
  take(found);
  return true;
}

// ------------------------------------------------------------------ writing
function send({ text, file }) {
  const context = state.context;
  endContext();
  if (context?.kind === "edit") return edit(context.message, text);
  sticking = true;
  sending.enqueue({ chat: state.chat, person: state.person, text: text || undefined, to: context?.message.id, file, url: file ? URL.createObjectURL(file) : undefined });
  toEnd();
}

function edit(message, text) {
  if (text && text !== message.text) sending.enqueue({ chat: message.chat, person: message.sender.id, edit: message.id, text });
}

function press(message, choice, button) {
  button.classList.add("busy");
  sending.enqueue({ chat: message.chat, person: state.person, press: choice.id, on: message.id });
}

function sent(item, { message }) {
  if (item.press) return setTimeout(() => stillBusy(item).forEach((button) => button.classList.remove("busy")), 1500);
  learn(message);
  const answered = sorted(item.chat).some((other) => other.sender === null && other.seq > message.seq);
  if (!item.edit && item.chat === state.chat && chatOf(item.chat)?.kind === "private" && !answered) showWriting(true);
}

const stillBusy = (item) => [...$("log").querySelectorAll(".choice.busy")].filter((button) => button.dataset.choice === item.press);

function refused(item, error) {
  stillBusy(item).forEach((button) => button.classList.remove("busy"));
  toast(`${item.edit ? "Not changed. " : ""}${say(error)}`);
}

function startContext(kind, message) {
  state.context = { kind, message };
  $("context").hidden = false;
  $("context-title").textContent = kind === "edit" ? "Edit" : message.sender === null ? "Tuppence" : message.sender.name;
  $("context-text").textContent = shortText(message);
  if (kind === "edit") $("text").value = message.text;
  grow();
  $("text").focus();
}

function endContext() {
  if (state.context?.kind === "edit") $("text").value = "";
  state.context = null;
  $("context").hidden = true;
  grow();
}

function grow() {
  $("text").style.height = "auto";
  $("text").style.height = `${Math.min($("text").scrollHeight, 168)}px`;
  $("composer").classList.toggle("ready", $("text").value.trim() !== "");
  stick();
}

let isOpen;
const opened = new Promise((resolve) => { isOpen = resolve; }); // until then nobody knows in which chat what is written belongs: it stays in its field

async function sendTyped() {
  await opened;
  const text = $("text").value.trim();
  if (!text) return;
  $("text").value = "";
  send({ text });
  grow();
}

async function sendPhotos(files) {
  const photos = [...files].filter((file) => file.type.startsWith("image/") || /\.(csv|tsv|json|xlsx)$/i.test(file.name));
  if (!photos.length && files.length) return toast(WORDS.photos_only);
  await opened;
  for (const file of photos) {
    if (file.size > 10 * 1024 * 1024) toast(WORDS.too_large);
    else { const text = $("text").value.trim(); $("text").value = ""; send({ text, file }); grow(); }
  }
}

function enlarge(source) { $("photo-large").src = source; $("photo-dialog").showModal(); }

// ------------------------------------------------------------------ living
// The chat's person was erased: what the page still holds of it goes, and somebody new writes there from here on.
async function cleared({ chat, seq }) {
  const kept = [...book(chat).messages].filter(([, message]) => message.seq > seq);
  Object.assign(book(chat), { messages: new Map(kept), more: false });
  sending.dropAll(chat);
  if (state.context) endContext();
  try { await takeAnew(); } catch { refresh(1000); }
  if (state.chat === chat) $("log").replaceChildren();
  showAll();
}

function heard(message) {
  if (message.kind === "cleared") { cleared(message); return; }
  if (message.kind === "toast") { if (state.people.some((person) => person.id === message.for)) toast(message.text); return; }
  const isNew = !book(message.chat).messages.has(message.id);
  const oldest = sorted(message.chat)[0];
  if (isNew && oldest && message.seq < oldest.seq) return; // changed further up than was loaded: it comes with the history
  if (!learn(message)) return;
  if (message.sender === null || message.kind === "join" || message.kind === "leave" || !chatOf(message.chat)) refresh(250);
  if (message.chat === state.chat && !document.hidden) {
    if (message.sender === null) showWriting(false);
    if (isNew && !near() && message.sender?.id !== state.person) $("latest").hidden = false;
    showLog();
  } else {
    if (isNew && !state.people.some((person) => person.id === message.sender?.id)) state.unread.set(message.chat, (state.unread.get(message.chat) ?? 0) + 1);
    if (message.chat === state.chat) showLog();
  }
  showSide();
}

// One line about what is in the way: the connection before the queue, nothing where all is well.
const trouble = { connection: null, queue: null };
function showNotice(change) {
  Object.assign(trouble, change);
  const kind = trouble.connection ?? trouble.queue;
  if (kind) $("notice").textContent = NOTICES[kind];
  $("notice").hidden = !kind;
}

let lostTimer;
function connection(kind) {
  clearTimeout(lostTimer);
  if (kind === "no_session") return start();
  if (kind === "live") { showNotice({ connection: null }); sending.wake(); return; }
  lostTimer = setTimeout(() => showNotice({ connection: navigator.onLine ? "lost" : "offline" }), 1200);
}

async function start() {
  take(await insist(() => post("/chat/session", {}), { told: (error) => (error.slow ? showNotice({ queue: "busy" }) : connection("lost")), forMs: Infinity }));
  showNotice({ queue: null });
  sending.resume((item) => chatOf(item.chat)?.own.includes(item.person));
  const cursor = state.chats.map((chat) => `${chat.id}:${chat.change}`).join(",");
  state.live = new Live({ cursor, message: heard, state: connection });
  isOpen();
  await openChat(chatOf(localStorage.getItem(OPEN)) ? localStorage.getItem(OPEN) : state.chat);
  await joinByLink();
  for (const chat of state.chats) if (!book(chat.id).loaded) await loadHistory(chat.id);
}

function listen() {
  $("composer").addEventListener("submit", (event) => { event.preventDefault(); sendTyped(); });
  $("text").addEventListener("input", grow);
  $("text").addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); sendTyped(); }
    if (event.key === "Escape" && state.context) endContext();
    const last = sorted(state.chat).filter((message) => message.sender?.id === state.person && message.text && (message.kind === "text" || message.kind === "photo")).at(-1);
    if (event.key === "ArrowUp" && $("text").value === "" && last) { event.preventDefault(); startContext("edit", last); }
  });
  $("context-end").addEventListener("click", () => { endContext(); $("text").focus(); });
  $("pick-photo").addEventListener("click", () => $("photo").click());
  $("photo").addEventListener("change", () => { sendPhotos($("photo").files); $("photo").value = ""; });
  document.addEventListener("paste", (event) => { if (event.clipboardData?.files.length) { event.preventDefault(); sendPhotos(event.clipboardData.files); } });
  document.addEventListener("dragover", (event) => { if (event.dataTransfer?.types.includes("Files")) { event.preventDefault(); $("drop").hidden = false; } });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) $("drop").hidden = true; });
  document.addEventListener("drop", (event) => { event.preventDefault(); $("drop").hidden = true; if (event.dataTransfer?.files.length) sendPhotos(event.dataTransfer.files); });
  $("scroll").addEventListener("scroll", () => { sticking = near(); if (sticking) $("latest").hidden = true; });
  $("latest").addEventListener("click", toEnd);
  $("earlier").addEventListener("click", () => loadHistory(state.chat, sorted(state.chat)[0]?.seq));
  $("open-side").addEventListener("click", openSide);
  $("close-side").addEventListener("click", () => { closeSide(); $("open-side").focus(); });
  $("scrim").addEventListener("click", closeSide);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && $("app").classList.contains("side-open")) { closeSide(); $("open-side").focus(); } });
  $("log").addEventListener("click", (event) => { const item = event.target.closest(".message"); $("log").querySelectorAll(".picked").forEach((node) => node.classList.toggle("picked", node === item && !item.classList.contains("picked"))); item?.classList.add("picked"); });
  $("new-person").addEventListener("click", newPerson);
  $("new-group").addEventListener("click", newGroup);
  $("invite").addEventListener("click", invite);
  $("rename").addEventListener("click", rename);
  for (const change of ["online", "offline"]) addEventListener(change, () => state.live?.wake());
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { state.unread.delete(state.chat); showSide(); } });
  new ResizeObserver(stick).observe($("scroll"));
}

setPage({ openChat, showAll, toast });
sending.listenTo({ changed: () => { showLog(); showSide(); }, sent, refused, trouble: (queue) => showNotice({ queue }) });
listen();
start();
