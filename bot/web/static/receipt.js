// A receipt: its photo beside its lines. Whoever points at a line, or comes to it by keyboard, sees on the photo where it is printed.

import { get, insist } from "./api.js";
import { el, svg } from "./elements.js";

const known = new Map(); // message id -> what the server told: a message is drawn anew with every tap on it

export function receiptCard(message, acts) {
  const { above, lines, below } = message.receipt;
  const photos = el("div", { class: "receipt-photos" });
  const mark = (number) => pointAt(card, photos, number);
  const card = el("div", { class: "receipt" }, el("div", { class: "receipt-words" },
    el("p", { class: "text", dir: "auto" }, above),
    lines.length ? el("ol", { class: "receipt-lines", "aria-label": "Lines of the receipt" }, ...lines.map((line) => lineItem(line, mark))) : null,
    below ? el("p", { class: "text", dir: "auto" }, below) : null));
  const draw = (places) => {
    if (!places.pictures) return;
    known.set(message.id, places);
    photos.replaceChildren(...Array.from({ length: places.pictures }, (_, number) => photo(message, places, number, acts)));
    for (const line of card.querySelectorAll(".receipt-line")) line.disabled = !places.lines[line.dataset.number];
    card.prepend(photos);
    card.classList.add("with-photo");
    acts.settled();
  };
  const before = known.get(message.id);
  if (before) draw(before);
  insist(() => get(`/chat/receipts/${message.id}`)).then((places) => {
    if (JSON.stringify(places) !== JSON.stringify(before)) draw(places);
  }, () => {}); // without its photo the receipt is in words
  return card;
}

function lineItem({ number, text }, mark) {
  return el("li", {}, el("button", {
    type: "button", class: "receipt-line", "data-number": number, dir: "auto", disabled: true,
    onpointerenter: () => mark(number), onfocus: () => mark(number), onclick: () => mark(number),
    onpointerleave: (event) => { if (event.pointerType === "mouse" && document.activeElement !== event.currentTarget) mark(null); },
    onblur: () => mark(null),
  }, text));
}

function photo(message, places, number, acts) {
  const image = el("img", { src: `/chat/receipts/${message.id}/${number}`, alt: "Photo of the receipt", onload: acts.settled });
  const fields = Object.values(places.spots).map((spot) => [spot, { class: "field-mark" }]);
  const lines = Object.entries(places.lines).map(([line, spot]) => [spot, { class: "line-mark", "data-number": line }]);
  return el("button", { type: "button", class: "receipt-photo", "aria-label": "Show the photo of the receipt large", onclick: () => acts.enlarge(image.src) },
    image, svg("svg", { class: "marks", viewBox: "0 0 1000 1000", preserveAspectRatio: "none", "aria-hidden": "true" },
      ...[...fields, ...lines].filter(([spot]) => spot.picture === number).map(([spot, properties]) => box(spot, properties))));
}

function box({ left, top, right, bottom }, properties) {
  return svg("rect", { ...properties, x: left, y: top, width: right - left, height: bottom - top, rx: 4 });
}

// Marks one line, or none, in the words and on the photo, and brings the mark into sight within the photo's own frame.
function pointAt(card, photos, number) {
  for (const line of card.querySelectorAll(".receipt-line")) {
    if (line.dataset.number === String(number)) line.setAttribute("aria-current", "true");
    else line.removeAttribute("aria-current");
  }
  for (const mark of photos.querySelectorAll(".line-mark")) mark.classList.toggle("marked", mark.dataset.number === String(number));
  const marked = photos.querySelector(".marked")?.getBoundingClientRect(), frame = photos.getBoundingClientRect();
  if (marked && (marked.top < frame.top || marked.bottom > frame.bottom)) photos.scrollTop += (marked.top + marked.bottom - frame.top - frame.bottom) / 2;
}
