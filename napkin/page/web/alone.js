// One figure alone, large, with its scenario in the address: for a room that looks at one picture.
import { inWords } from "./bar.js";
import { make, say } from "./page.js";

// Lets a figure be linked to and shown alone: adds the two buttons to its bar.
export function showAlone(store, figure) {
  const id = figure.id;
  const copied = make("span", { className: "napkin-linked", role: "status" });
  const link = make("button", { type: "button", textContent: "link", title: "copy the address of this figure with your scenario", onclick: () => copy(store.address({ at: id }), copied) });
  const alone = make("button", { type: "button", textContent: "present", title: "this figure alone, large; Esc leads back", onclick: () => present(store, figure) });
  figure.querySelector(".napkin-bar").prepend(copied, link, alone);
}

async function copy(text, copied) {
  try {
    await navigator.clipboard.writeText(text);
    copied.textContent = "copied ";
  } catch {
    copied.replaceChildren(make("a", { href: text, textContent: "this is it" }), " ");
  }
}

// Goes where a link asks for: to a figure, or to a figure alone.
export function goTo(store, { at, alone }) {
  const figure = document.getElementById(alone || at || "");
  if (!figure?.matches("figure.napkin-playground")) return;
  if (alone) present(store, figure);
  else figure.scrollIntoView({ block: "center" });
}

// The figure itself moves into a dialog, with all that lives in it, and back where it was.
function present(store, figure) {
  const words = make("p", { className: "napkin-alone-words" });
  const close = make("button", { type: "button", textContent: "close ×", onclick: () => dialog.close() });
  const dialog = make("dialog", { className: "napkin-alone", ariaLabel: "One figure alone" }, [make("div", { className: "napkin-alone-head" }, [words, close])]);
  const stay = figure.parentNode.insertBefore(make("div", { className: "napkin-stay" }), figure);
  stay.style.height = `${figure.getBoundingClientRect().height}px`;
  dialog.append(figure);
  document.body.append(dialog);
  const paint = () => {
    if (!dialog.isConnected) return;
    say(words, inWords(store.book, store.scenario, store.scenario.case()), true);
    try {
      history.replaceState(null, "", store.address({ alone: figure.id }));
    } catch {
      // the address stays as it was
    }
  };
  store.rest(paint, dialog);
  dialog.addEventListener("close", () => {
    stay.replaceWith(figure);
    dialog.remove();
    store.drop((element) => element === dialog);
    history.replaceState(null, "", location.pathname + location.search);
    figure.scrollIntoView({ block: "center" });
  });
  dialog.showModal();
}
