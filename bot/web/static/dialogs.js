// People and groups: made, named, invited and joined, each in a dialog.

import { get, insist, newId, post } from "./api.js";
import { chatOf, personName, say, state, take } from "./state.js";
import { $, ask } from "./view.js";

let page; // { openChat, showAll, toast }
export const setPage = (given) => { page = given; };

// Again and again while the dialog is open and the server asks for a moment; what is asked for here may be asked for twice.
const WAITING = "One moment…";
const attempt = async (tell, work) => { try { return await work((call) => insist(call, { told: () => tell(WAITING) })); } catch (error) { return { wrong: say(error) }; } };

export async function newPerson() {
  personDialog("New person", "Somebody else to write as in this browser, to try a group alone.", "Add", "");
  const id = newId();
  const made = await ask($("person-dialog"), (tell) => attempt(tell, (patiently) => patiently(() => post("/chat/people", { id, name: $("person-name").value }))));
  if (!made) return;
  take(made);
  page.openChat(state.chats.find((chat) => chat.kind === "private" && chat.own.includes(made.person)).id, { focus: true });
}

function personDialog(title, text, button, name) {
  $("person-dialog-title").textContent = title;
  $("person-dialog-text").textContent = text;
  $("person-dialog").querySelector("[type=submit]").textContent = button;
  $("person-name").value = name;
}

export async function rename() {
  const person = state.person;
  personDialog("Change the name", "This is what others see in groups.", "Save", personName(person));
  const made = await ask($("person-dialog"), (tell) => attempt(tell, (patiently) => patiently(() => post(`/chat/people/${person}`, { name: $("person-name").value }))));
  if (made) { take(made); page.showAll(); }
}

export async function newGroup() {
  const id = newId();
  const nameless = personName(state.person) === "You";
  $("group-name").value = "";
  $("group-own").value = "";
  $("group-own-field").hidden = !nameless;
  $("group-people").value = state.people.length > 1 ? state.people.filter((person) => person.id !== state.person).map((person) => person.name).join(", ") : "";
  const made = await ask($("group-dialog"), (tell) => attempt(tell, async (patiently) => {
    const people = $("group-people").value.split(/[,;\n]/).map((name) => name.trim()).filter(Boolean).slice(0, 20);
    const own = $("group-own").value.trim();
    if (nameless && own) await patiently(() => post(`/chat/people/${state.person}`, { name: own }));
    return patiently(() => post("/chat/groups", { id, title: $("group-name").value, person: state.person, people }));
  }));
  if (!made) return;
  take(made);
  page.openChat(made.chat, { focus: true });
}

export async function addPerson(chat, person) {
  try {
    take(await insist(() => post(`/chat/chats/${chat.id}/join`, { person: person.id })));
    page.showAll();
  } catch (error) { page.toast(say(error)); }
}

export async function invite() {
  $("invite-link").value = `${location.origin}/join/${chatOf(state.chat).invite}`;
  const copied = await ask($("invite-dialog"), async () => {
    $("invite-link").select();
    try { await navigator.clipboard.writeText($("invite-link").value); } catch { if (!document.execCommand("copy")) return { wrong: "Select and copy it by hand." }; }
    return {};
  });
  if (copied) page.toast("Link copied");
}

export async function joinByLink() {
  const code = location.pathname.match(/^\/join\/([\w-]+)$/)?.[1];
  if (!code) return;
  history.replaceState(null, "", "/");
  try {
    const { chat, title } = await insist(() => get(`/chat/invites/${code}`));
    if (chatOf(chat)) return await page.openChat(chat, { focus: true });
    const fresh = state.people.length === 1 && state.people[0].name === "You";
    personDialog(`Join ${title}`, "Your name, as the others in the group know you.", "Join", fresh ? "" : personName(state.person));
    const joined = await ask($("person-dialog"), (tell) => attempt(tell, async (patiently) => {
      const name = $("person-name").value.trim();
      if (name && name !== personName(state.person)) await patiently(() => post(`/chat/people/${state.person}`, { name }));
      return patiently(() => post(`/chat/invites/${code}`, { person: state.person }));
    }));
    if (!joined) return;
    take(joined);
    await page.openChat(joined.chat, { focus: true });
  } catch (error) { page.toast(error.code === "not_found" ? "This invitation is not valid." : say(error)); }
}
