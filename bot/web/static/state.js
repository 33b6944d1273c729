// What the page knows: people, chats, messages, and in which words it says that something did not work.

export const WORDS = {
  offline: "No connection.", not_found: "That is not there any more.", too_many_people: "This browser has as many people as it can.", too_many_chats: "This browser has as many groups as it can.",
  group_full: "The group is full.", too_large: "That is too large: 10 MB at most.", photos_only: "Only JPEG, PNG and WebP photos, and CSV, JSON and XLSX files.", wrong_shape: "That cannot be sent like this.", slow_down: "That was a lot at once. Try again in a minute.",
};
export const say = (error) => WORDS[error.code] ?? (error.status >= 500 ? "The server is busy. Try again in a minute." : "That did not work.");

export const state = { people: [], chats: [], chat: null, person: null, context: null, unread: new Map(), acting: new Map(), live: null, taken: 0 };
const books = new Map(); // chat id -> { messages: Map, more, loaded }

export const book = (chat) => books.get(chat) ?? books.set(chat, { messages: new Map(), more: false, loaded: false }).get(chat);
export const chatOf = (id) => state.chats.find((chat) => chat.id === id);
export const personName = (id) => state.people.find((person) => person.id === id)?.name ?? "";
export const nameOf = (chat) => (chat.kind === "group" ? chat.title : personName(chat.own[0]));
export const sorted = (chat) => [...book(chat).messages.values()].sort((a, b) => a.seq - b.seq);

export function actingIn(chat) {
  const chosen = [state.acting.get(chat.id), state.person].find((person) => chat.own.includes(person));
  return chosen ?? chat.own[0];
}

export function take({ people, chats }) {
  state.taken += 1;
  state.people = people;
  state.chats = chats;
  if (!chatOf(state.chat)) state.chat = chats[0]?.id ?? null;
  const chat = chatOf(state.chat);
  if (chat) state.person = actingIn(chat);
}

// A message as it stands now. True where it is news.
export function learn(message) {
  const known = book(message.chat).messages.get(message.id);
  if (known && known.change >= message.change) return false;
  book(message.chat).messages.set(message.id, message);
  return true;
}
