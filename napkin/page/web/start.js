// Brings a page to life, once: cards and playgrounds queue up before this runs, and what comes later starts at once.
import { showBar } from "./bar.js";
import { hydrateGuess } from "./guess.js";
import { followText } from "./live.js";
import { showMistakes } from "./mistakes.js";
import { hydrate } from "./playground.js";
import { store } from "./store.js";
import { rank, turnAround } from "./turn.js";

function startEach(queue, start) {
  const once = ([id, ...rest]) => {
    const element = document.getElementById(id);
    if (element && !element.classList.contains("is-live")) start(element, ...rest);
  };
  const waiting = globalThis[queue] || [];
  globalThis[queue] = { push: once };
  waiting.forEach(once);
}

function startPlayground(figure, spec, compute) {
  const takes = new Set(spec.takes);
  const unnamed = Object.fromEntries(spec.controls.filter((control) => control.catalogue).map((control) => [control.name, ""]));
  const host = {
    change: (name, value) => store.change({ [name]: value }, spec.start, takes),
    choose: (catalogue, name) => store.change({ [catalogue]: name }),
    reset() { // what the playground shows is taken back: its inputs, and the names that it offers
      const others = Object.entries(store.scenario.given).filter(([name]) => !(name in spec.start || takes.has(name)));
      store.replace({ ...store.scenario, ...unnamed, given: Object.fromEntries(others) });
    },
  };
  for (const { name, stops } of spec.controls) if (stops) store.controls[name] ||= { label: spec.names[name][0], stops };
  const view = hydrate(figure, spec, compute, host);
  let last = "";
  store.listen(() => {
    const { inputs, unknown } = store.here().resolve(spec.start, takes);
    const kept = store.kept && store.kept.resolve(spec.start, takes).inputs;
    const now = JSON.stringify([inputs, kept, store.scenario.model, store.scenario.gpu]);
    if (now === last) return;
    last = now;
    view.set(inputs, { unknown, kept, chosen: store.scenario });
  });
}

// On a disk no page sees what another has stored: links between pages carry the scenario.
function carry(event) {
  const link = event.target.closest?.("a[href]");
  if (!link || !(store.unsaved || location.protocol === "file:")) return;
  if (link.protocol === location.protocol && link.host === location.host && link.pathname.endsWith(".html") && !link.hash) {
    link.href = store.address(link.href);
  }
}

function startBook() {
  store.load();
  if (location.hash) store.follow(location.hash);
  startEach("napkin", startPlayground);
  showMistakes(store);
  turnAround(store);
  rank(store);
  followText(store);
  showBar(store);
  window.addEventListener("hashchange", () => store.follow(location.hash));
  window.addEventListener("pagehide", () => store.save());
  window.addEventListener("beforeprint", () => store.catchUp());
  window.addEventListener("storage", (event) => {
    if (event.key !== "napkin-scenario" && event.key !== "napkin-kept") return;
    store.load();
    store.say();
    store.catchUp();
  });
  document.addEventListener("click", carry, true);
}

if (!globalThis.napkinStore) {
  globalThis.napkinStore = store; // the one thing that a page shows to the outside, and to tests
  startEach("napkinGuesses", hydrateGuess);
  if (store.book) startBook();
}
