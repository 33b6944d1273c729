// The buttons that copy: shown where they can work. Reads nothing, sends nothing.
const SHOWN_MILLISECONDS = 1600;

function selected(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  field.className = "unseen";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy"); // the only way on a page without https
  field.remove();
  return done;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return selected(text);
  }
}

for (const button of document.querySelectorAll("button.copy")) {
  const words = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (!(await copy(button.dataset.copy))) return;
    button.textContent = button.dataset.done;
    button.classList.add("done");
    button.focus();
    setTimeout(() => {
      button.textContent = words;
      button.classList.remove("done");
    }, SHOWN_MILLISECONDS);
  });
}
