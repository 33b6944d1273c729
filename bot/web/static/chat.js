// The page's state and what people do with it: who one writes as, which chat is open, what is on its way.

import { Live, get, newId, post, upload } from "./api.js";
import { $, ask, avatar, chatEntry, day, el, eventItem, messageItem, separator, shortText, standing } from "./view.js";

const PAGE = 40;
const PAUSE_MS = 30 * 60 * 1000; // after a longer silence the time is shown
const KEPT = "tuppence.unsent", OPEN = "tuppence.chat";
const WORDS = {
  offline: "No connection.", not_found: "That is not there any more.", too_many_people: "This browser has as many people as it can.", too_many_chats: "This browser has as many groups as it can.",
  group_full: "The group is full.", too_large: "That is too large: 10 MB at most.", photos_only: "Only JPEG, PNG and WebP photos.", wrong_shape: "That cannot be sent like this.", try_again: "The server is busy.",
};
const say = (error) => WORDS[error.code] ?? "That did not work.";

const state = { people: [], chats: [], chat: null, person: null, context: null, unread: new Map(), acting: new Map(), live: null };
const books = new Map(); // chat id -> { messages: Map, more, loaded }
let unsent = []; // in order; { id, chat, person, text, to, file, url, at, state, tries }

// ------------------------------------------------------------------ knowing things
const book = (chat) => books.get(chat) ?? books.set(chat, { messages: new Map(), more: false, loaded: false }).get(chat);
const chatOf = (id) => state.chats.find((chat) => chat.id === id);
const personName = (id) => state.people.find((person) => person.id === id)?.name ?? "";
const nameOf = (chat) => (chat.kind === "group" ? chat.title : personName(chat.own[0]));
const sorted = (chat) => [...book(chat).messages.values()].sort((a, b) => a.seq - b.seq);

function actingIn(chat) {
  const chosen = [state.acting.get(chat.id), state.person].find((person) => chat.own.includes(person));
  return chosen ?? chat.own[0];
}

function take({ people, chats }) {
  state.people = people;
  state.chats = chats;
  if (!chatOf(state.chat)) state.chat = chats[0]?.id ?? null;
  const chat = chatOf(state.chat);
  if (chat) state.person = actingIn(chat);
}

// A message as it stands now. True where it is news.
function learn(message) {
  const known = book(message.chat).messages.get(message.id);
  if (known && known.change >= message.change) return false;
  book(message.chat).messages.set(message.id, message);
  return true;
}

function forget(each) {
  if (each.url) setTimeout(() => URL.revokeObjectURL(each.url), 10000);
  return false;
}

function keepUnsent() {
  localStorage.setItem(KEPT, JSON.stringify(unsent.filter((each) => !each.file).map(({ id, chat, person, text, to, at }) => ({ id, chat, person, text, to, at }))));
}

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
    ...(group && state.people.some((person) => !chat.own.includes(person.id)) ? [el("button", { type: "button", class: "face-button more", onclick: () => addPeople(chat) }, "+ Add someone")] : []));
  $("text").placeholder = group ? "paid 90 for dinner" : "coffee 3.50";
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

const acts = { press, reply: (message) => startContext("reply", message), edit: (message) => startContext("edit", message), retry, drop, enlarge, settled: () => stick() };
const near = () => $("scroll").scrollHeight - $("scroll").scrollTop - $("scroll").clientHeight < 120;
let sticking = true;
const toEnd = () => { $("scroll").scrollTop = $("scroll").scrollHeight; sticking = true; $("latest").hidden = true; };
const stick = () => { if (sticking) toEnd(); };

function pendingMessages() {
  const stored = new Set(sorted(state.chat).map((message) => message.request));
  return unsent.filter((each) => each.chat === state.chat && !stored.has(each.id)).map((each) => ({
    chat: each.chat, id: each.id, seq: Infinity, change: 0, kind: each.file ? "photo" : "text", sender: { id: each.person, name: personName(each.person) }, text: each.text ?? "",
    choices: [], files: each.url ? [{ id: "", type: "image/local", url: each.url }] : [], to: each.to ?? null, edited: false, at: each.at, state: each.state === "failed" ? "failed" : "sending",
  }));
}

// Draws the open chat anew where needed: items that did not change stay the same nodes, so that screen readers hear only what is new.
function showLog() {
  // Stored is not yet taken: a message counts as sent only when the server has said so, and is sent again until then.
  const waiting = new Set(unsent.map((each) => each.id));
  const messages = [...sorted(state.chat).map((message) => (waiting.has(message.request) ? { ...message, state: "sending" } : message)), ...pendingMessages()];
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
    add([message.id, message.change, own, first, message.state, message.sender?.name, Boolean(quoted)].join(" "), () => messageItem(message, { own, first, quoted, acts }));
    before = message;
  }
  endEvents();
  nodes.forEach((node, place) => { if ($("log").children[place] !== node) $("log").insertBefore(node, $("log").children[place] ?? null); });
  while ($("log").children.length > nodes.length) $("log").lastElementChild.remove();
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
    if (error.again) setTimeout(() => loadHistory(id, before), 3000);
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
    try { take(await get("/chat/state")); showTop(); showSide(); } catch { /* the stream's own state says that the server is away */ }
  }, later);
}

// ------------------------------------------------------------------ writing
function send({ text, file }) {
  const context = state.context;
  if (context?.kind === "edit") return edit(context.message, text);
  unsent.push({ id: newId(), chat: state.chat, person: state.person, text: text || undefined, to: context?.message.id, file, url: file ? URL.createObjectURL(file) : undefined, at: new Date().toISOString(), state: "waiting" });
  endContext();
  keepUnsent();
  sticking = true;
  showLog();
  toEnd();
  pump();
}

let pumping = false;
async function pump() {
  if (pumping) return;
  pumping = true;
  for (let each; (each = unsent.find((one) => one.state === "waiting"));) {
    try {
      await deliver(each);
      unsent = unsent.filter((one) => one !== each || forget(each));
    } catch (error) {
      if (error.again) await new Promise((done) => setTimeout(done, Math.min(1000 * 2 ** (each.tries = (each.tries ?? -1) + 1), 15000)));
      else { each.state = "failed"; toast(say(error)); }
    }
    keepUnsent();
    showLog();
    showSide();
  }
  pumping = false;
}

async function deliver(each) {
  const where = `/chat/chats/${each.chat}`;
  if (each.file && !each.photo) each.photo = (await upload(`${where}/photos?person=${each.person}`, each.file)).photo;
  const body = { id: each.id, person: each.person };
  if (each.text) body.text = each.text;
  if (each.to) body.reply_to = each.to;
  if (each.photo) body.photo = each.photo;
  const { message } = await post(`${where}/messages`, body);
  learn(message);
  const answered = sorted(each.chat).some((other) => other.sender === null && other.seq > message.seq);
  if (each.chat === state.chat && chatOf(each.chat)?.kind === "private" && !answered) showWriting(true);
}

function retry(message) { unsent.filter((each) => each.id === message.id).forEach((each) => { each.state = "waiting"; }); showLog(); pump(); }
function drop(message) { unsent = unsent.filter((each) => each.id !== message.id || forget(each)); keepUnsent(); showLog(); }

async function edit(message, text) {
  endContext();
  if (!text || text === message.text) return;
  try {
    learn((await post(`/chat/chats/${message.chat}/messages/${message.id}/edit`, { person: message.sender.id, text })).message);
    showAll();
  } catch (error) {
    toast(`Not changed. ${say(error)}`);
    startContext("edit", message);
    $("text").value = text;
    grow();
  }
}

async function press(message, choice, button) {
  button.classList.add("busy");
  const id = newId();
  for (let tries = 0; tries < 4; tries += 1) {
    try {
      await post(`/chat/chats/${message.chat}/messages/${message.id}/press`, { id, person: state.person, button: choice.id });
      break;
    } catch (error) {
      if (!error.again || tries === 3) { toast(say(error)); break; }
      await new Promise((done) => setTimeout(done, 700 * 2 ** tries));
    }
  }
  setTimeout(() => button.classList.remove("busy"), 1500);
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

function sendTyped() {
  const text = $("text").value.trim();
  if (!text) return;
  $("text").value = "";
  send({ text });
  grow();
}

function sendPhotos(files) {
  const photos = [...files].filter((file) => file.type.startsWith("image/"));
  if (!photos.length && files.length) return toast(WORDS.photos_only);
  for (const file of photos) {
    if (file.size > 10 * 1024 * 1024) toast(WORDS.too_large);
    else { const text = $("text").value.trim(); $("text").value = ""; send({ text, file }); grow(); }
  }
}

function enlarge(source) { $("photo-large").src = source; $("photo-dialog").showModal(); }

// ------------------------------------------------------------------ people and groups
const attempt = async (work) => { try { return await work(); } catch (error) { return { wrong: say(error) }; } };

async function newPerson() {
  personDialog("New person", "Somebody else to write as in this browser, to try a group alone.", "Add", "");
  const id = newId();
  const made = await ask($("person-dialog"), () => attempt(() => post("/chat/people", { id, name: $("person-name").value })));
  if (!made) return;
  take(made);
  openChat(state.chats.find((chat) => chat.kind === "private" && chat.own.includes(made.person)).id, { focus: true });
}

function personDialog(title, text, button, name) {
  $("person-dialog-title").textContent = title;
  $("person-dialog-text").textContent = text;
  $("person-dialog").querySelector("[type=submit]").textContent = button;
  $("person-name").value = name;
}

async function rename() {
  const person = state.person;
  personDialog("Change the name", "This is what others see in groups.", "Save", personName(person));
  const made = await ask($("person-dialog"), () => attempt(() => post(`/chat/people/${person}`, { name: $("person-name").value })));
  if (made) { take(made); showAll(); }
}

async function newGroup() {
  const id = newId();
  const nameless = personName(state.person) === "You";
  $("group-name").value = "";
  $("group-own").value = "";
  $("group-own-field").hidden = !nameless;
  $("group-people").value = state.people.length > 1 ? state.people.filter((person) => person.id !== state.person).map((person) => person.name).join(", ") : "";
  const made = await ask($("group-dialog"), () => attempt(async () => {
    const people = $("group-people").value.split(/[,;\n]/).map((name) => name.trim()).filter(Boolean).slice(0, 20);
    const own = $("group-own").value.trim();
    if (nameless && own) await post(`/chat/people/${state.person}`, { name: own });
    return post("/chat/groups", { id, title: $("group-name").value, person: state.person, people });
  }));
  if (!made) return;
  take(made);
  openChat(made.chat, { focus: true });
}

async function addPeople(chat) {
  const missing = state.people.filter((person) => !chat.own.includes(person.id));
  try {
    let answer;
    for (const person of missing.slice(0, 1)) answer = await post(`/chat/chats/${chat.id}/join`, { person: person.id });
    take(answer);
    showAll();
  } catch (error) { toast(say(error)); }
}

async function invite() {
  $("invite-link").value = `${location.origin}/join/${chatOf(state.chat).invite}`;
  const copied = await ask($("invite-dialog"), async () => {
    $("invite-link").select();
    try { await navigator.clipboard.writeText($("invite-link").value); } catch { if (!document.execCommand("copy")) return { wrong: "Select and copy it by hand." }; }
    return {};
  });
  if (copied) toast("Link copied");
}

async function joinByLink() {
  const code = location.pathname.match(/^\/join\/([\w-]+)$/)?.[1];
  if (!code) return;
  history.replaceState(null, "", "/");
  try {
    const { chat, title } = await get(`/chat/invites/${code}`);
    if (chatOf(chat)) return await openChat(chat, { focus: true });
    const fresh = state.people.length === 1 && state.people[0].name === "You";
    personDialog(`Join ${title}`, "Your name, as the others in the group know you.", "Join", fresh ? "" : personName(state.person));
    const joined = await ask($("person-dialog"), () => attempt(async () => {
      const name = $("person-name").value.trim();
      if (name && name !== personName(state.person)) await post(`/chat/people/${state.person}`, { name });
      return post(`/chat/invites/${code}`, { person: state.person });
    }));
    if (!joined) return;
    take(joined);
    await openChat(joined.chat, { focus: true });
  } catch (error) { toast(error.code === "not_found" ? "This invitation is not valid." : say(error)); }
}

// ------------------------------------------------------------------ living
// The chat's person was erased: what the page still holds of it goes, and somebody new writes there from here on.
async function cleared({ chat, seq }) {
  const kept = [...book(chat).messages].filter(([, message]) => message.seq > seq);
  Object.assign(book(chat), { messages: new Map(kept), more: false });
  unsent = unsent.filter((one) => one.chat !== chat || forget(one));
  keepUnsent();
  if (state.context) endContext();
  try { take(await get("/chat/state")); } catch { refresh(1000); }
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

let lostTimer;
function connection(kind) {
  clearTimeout(lostTimer);
  if (kind === "no_session") return start();
  if (kind === "live") { $("notice").hidden = true; pump(); return; }
  lostTimer = setTimeout(() => {
    $("notice").textContent = navigator.onLine ? "Reconnecting… What you write is kept and sent then." : "You are offline. What you write is kept and sent later.";
    $("notice").hidden = false;
  }, 1200);
}

async function start() {
  try {
    take(await post("/chat/session", {}));
  } catch {
    connection("lost");
    return setTimeout(start, 2000);
  }
  const kept = JSON.parse(localStorage.getItem(KEPT) ?? "[]").filter((each) => chatOf(each.chat)?.own.includes(each.person));
  unsent = [...kept.filter((each) => !unsent.some((one) => one.id === each.id)).map((each) => ({ ...each, state: "waiting" })), ...unsent];
  const cursor = state.chats.map((chat) => `${chat.id}:${chat.change}`).join(",");
  state.live = new Live({ cursor, message: heard, state: connection });
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

listen();
start();
