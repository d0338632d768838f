// Brings a page to life, once: cards and playgrounds queue up before this runs, and what comes later starts at once.
import { Case } from "./answers.js";
import { goTo, showAlone } from "./alone.js";
import { showBar } from "./bar.js";
import { hydrateGuess } from "./guess.js";
import { followText } from "./live.js";
import { notesAt, noteText } from "./notes.js";
import { make } from "./page.js";
import { showMistakes } from "./mistakes.js";
import { hydrate } from "./playground.js";
import { programOf } from "./program.js";
import { Scenario } from "./scenario.js";
import { store } from "./store.js";
import { arrangeTables } from "./tables.js";
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

function startPlayground(figure, own) {
  const { names, units, compute } = store.book;
  const spec = { ...own, names, units };
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
  const view = hydrate(figure, spec, programOf(compute, spec.outputs), host);
  for (const { name, stops } of spec.controls) if (stops) store.controls[name] ||= { label: spec.names[name][0], stops };
  // A batch that is the figure's own gives way to what the reader brings: a conversation of theirs may leave no room for so many.
  function roomFor(found) {
    if (!("batch" in spec.start && "memory" in spec.start) || "batch" in store.scenario.given) return found;
    const { batch, ...others } = found.inputs;
    const fit = new Case(store.book, { ...store.book.start, ...others }, found.unknown).number("sequences_that_fit");
    return fit >= 1 && fit < batch ? { ...found, inputs: { ...found.inputs, batch: fit } } : found;
  }
  showAlone(store, figure);
  const notes = make("p", { className: "napkin-notes" });
  const caption = figure.querySelector("figcaption") || figure.appendChild(make("figcaption"));
  caption.prepend(notes);
  let last = "";
  let noted = "";
  store.listen(() => {
    const { inputs, unknown } = roomFor(store.here().resolve(spec.start, takes));
    const kept = store.kept && store.kept.resolve(spec.start, takes).inputs;
    const now = JSON.stringify([inputs, kept, store.scenario.link]);
    if (now === last) return;
    last = now;
    view.set(inputs, { unknown, kept, chosen: store.scenario });
  });
  store.rest(() => { // when no hand moves anything: a note comes and goes, and what is below it with it
    const found = notesAt(store, spec, takes, JSON.parse(figure.dataset.inputs), Boolean(figure.querySelector("output.is-reason")));
    const saying = JSON.stringify(found);
    if (saying === noted) return;
    noted = saying;
    notes.replaceChildren(...found.flatMap((note) => [...noteText(note, (changes) => store.put({ scenario: store.scenario.with(changes), notice: "" })), " "]));
  });
}

// On a disk no page sees what another has stored: links between pages carry the scenario.
function carry(event) {
  const link = event.target.closest?.("a[href]");
  if (!link || !(store.unsaved || location.protocol === "file:")) return;
  if (link.protocol === location.protocol && link.host === location.host && link.pathname.endsWith(".html") && !link.hash) {
    link.href = store.addressThere(link.href);
  }
}

// A ready scenario says how users behave; model, GPU and prices stay the reader's.
function makeReady(event) {
  const link = event.target.closest?.("a.napkin-ready");
  const found = link && Scenario.fromLink(store.book, link.hash.slice(1));
  if (!found?.scenario) return;
  event.preventDefault();
  store.put({ scenario: store.scenario.with(found.scenario.given), notice: "" });
}

function startBook() {
  store.load();
  const asked = store.follow(location.hash);
  startEach("napkin", startPlayground);
  showMistakes(store);
  turnAround(store);
  rank(store);
  followText(store);
  showBar(store);
  goTo(store, asked);
  window.addEventListener("hashchange", () => goTo(store, store.follow(location.hash)));
  window.addEventListener("pagehide", () => store.save());
  window.addEventListener("beforeprint", () => store.catchUp());
  window.addEventListener("storage", (event) => {
    if (!["napkin-scenario", "napkin-kept", `napkin-here-${store.place}`].includes(event.key)) return;
    store.load();
    store.say();
    store.catchUp();
  });
  document.addEventListener("click", carry, true);
  document.addEventListener("click", makeReady);
}

if (!globalThis.napkinStore) {
  globalThis.napkinStore = store; // the one thing that a page shows to the outside, and to tests
  startEach("napkinGuesses", hydrateGuess);
  arrangeTables();
  if (store.book) startBook();
}
