// The article's mistakes, on this page only and only while it is open: a switch in the box that names them.

function napkinMistakes() {
  const store = napkinStore;
  for (const box of document.querySelectorAll(".napkin-mistakes[data-results]")) {
    if (!JSON.parse(box.dataset.results).length) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Show this page with the article’s mistakes";
    button.onclick = () => store.showMistakes(!store.mistakes);
    const said = document.createElement("p");
    said.setAttribute("role", "status");
    const line = document.createElement("p");
    line.append(button);
    box.append(line, said);
    store.listen(() => {
      const on = store.mistakes;
      if (button.getAttribute("aria-pressed") === String(on)) return; // nothing to say when only the scenario moved
      button.setAttribute("aria-pressed", String(on));
      said.textContent = on
        ? "Playgrounds, arithmetic and live sentences on this page now have the article’s mistakes in them. The table above, the scenario’s bar and other pages do not. Press again to correct them."
        : "";
      box.classList.toggle("is-on", on);
      document.documentElement.classList.toggle("has-mistakes", on);
    });
  }
}
