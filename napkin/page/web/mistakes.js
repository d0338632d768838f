// The article's mistakes, on this page only and only while it is open: a switch in the box that names them.
import { make } from "./page.js";

export function showMistakes(store) {
  for (const box of document.querySelectorAll(".napkin-mistakes[data-results]")) {
    if (!JSON.parse(box.dataset.results).length) continue;
    const button = make("button", { type: "button", textContent: "Show this page with the article’s mistakes", onclick: () => store.put({ mistakes: !store.mistakes }) });
    const said = make("p", { role: "status" });
    box.append(make("p", {}, [button]), said);
    store.listen(() => {
      const on = store.mistakes;
      if (button.ariaPressed === String(on)) return; // nothing to say when only the scenario moved
      button.ariaPressed = String(on);
      said.textContent = on
        ? "Playgrounds, arithmetic and live sentences on this page now have the article’s mistakes in them. The table above, the scenario’s bar and other pages do not. Press again to correct them."
        : "";
      box.classList.toggle("is-on", on);
      document.documentElement.classList.toggle("has-mistakes", on);
    });
  }
}
