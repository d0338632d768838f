// Cards that put the question backwards: which value of one input makes a result what it should be, and what matters most.
import { typedNumber, typedText } from "./numbers.js";
import { attribute, make, say } from "./page.js";
import { allowed } from "./scenario.js";
import { elasticities, halfAndDouble, solve } from "./solving.js";

export function turnAround(store, root = document) {
  for (const figure of root.querySelectorAll("figure.napkin-turn")) turnFigure(store, figure, JSON.parse(figure.dataset.turn));
}

function turnFigure(store, figure, spec) {
  const { book } = store;
  const find = (selector) => figure.querySelector(selector);
  const [result, free, typed, put] = ["[name=wanted]", "[name=free]", "[name=target]", ".napkin-put"].map(find);
  const [answer, then, refused, unit, still] = [".napkin-answer", ".napkin-turn-then", ".napkin-turn-refused", ".napkin-turn-unit", ".napkin-turn-still"].map(find);
  const shown = () => spec.shown[result.value];
  const unitOf = (name) => book.units[book.names[name][1]];
  const inForce = () => store.scenario.case(spec.at);
  let { target } = spec;
  let found = {};
  figure.classList.add("is-live");
  for (const one of [result, free, typed, put]) one.disabled = false;

  function paint() {
    const now = inForce();
    const bad = !(target > 0 && Number.isFinite(target));
    const label = now.label(result.value);
    found = bad ? { refused: `The ${label} must be a number above 0, got “${typed.value.trim().slice(0, 40)}”.` } : solve(now, free.value, result.value, target);
    attribute(typed, "aria-invalid", bad ? "true" : null);
    say(still, bad ? "" : `For the ${label} to be ${now.show(result.value, target, 5)}:`, true);
    say(answer, found.refused ? "" : `${now.label(free.value)}: ${now.show(free.value, found.value, 5)}`);
    say(then, found.refused ? "" : follows(now), true);
    say(refused, found.refused || "", true);
    attribute(answer, "data-value", found.refused ? null : String(found.value));
    put.disabled = Boolean(found.refused) || !allowed(book.inputs[free.value], found.value);
  }
  // What it comes to. Whole tokens, users and heads seldom meet a target to the cent.
  function follows(now) {
    const told = spec.told.filter((name) => Number.isFinite(found.out[name])).map((name) => now.show(name, found.out[name], 5) + unitOf(name).per); // " a user-month"
    const comes = found.out[result.value];
    const near = Math.abs(comes / target - 1) < 1e-9 ? ""
      : ` The nearest${book.inputs[free.value].whole ? " whole" : ""} ${now.label(free.value)} brings the ${now.label(result.value)} to ${now.show(result.value, comes, 6)}.`;
    return `It then comes to ${told.join(", ")}.${near}`;
  }
  // Only an input on which the result depends can be what to change.
  function offer() {
    for (const option of free.options) option.disabled = !spec.depends[result.value].includes(option.value);
    if (free.selectedOptions[0].disabled) free.value = [...free.options].find((option) => !option.disabled).value;
  }
  typed.addEventListener("change", () => {
    target = typedNumber(typed.value, shown(), unitOf(result.value));
    paint();
  });
  free.addEventListener("change", paint);
  result.addEventListener("change", () => {
    // what the result comes to now is a target that can be reached
    const { value } = inForce().answer(result.value);
    target = value === undefined ? 1 : Number(value.toPrecision(3));
    typed.value = typedText(target, shown());
    [, unit.textContent] = shown();
    offer();
    paint();
  });
  put.addEventListener("click", () => {
    store.catchUp(); // what is put in must answer the scenario as it stands
    if (!found.refused) store.change({ [free.value]: found.value });
  });
  offer();
  store.rest(paint); // thousands of evaluations
}

export function rank(store, root = document) {
  for (const list of root.querySelectorAll(".napkin-ranking")) {
    const { result, at, most } = JSON.parse(list.dataset.ranking);
    const rows = [...list.querySelectorAll("li")];
    const why = make("p", { className: "napkin-ranking-why", role: "status" });
    list.after(why);
    store.rest(() => {
      const now = store.scenario.case(at);
      const all = elasticities(now, store.scenario.given, result, globalThis.napkinSlopes[result]);
      say(why, all ? "" : `Nothing to rank: ${now.answer(result).why || "it is 0"}.`, true);
      const found = (all || []).slice(0, most);
      while (rows.length < found.length) {
        const parts = ["napkin-ranked", "napkin-ranking-bar", "napkin-ranking-number"].map((className) => make("span", { className }));
        rows.push(list.appendChild(make("li", {}, parts)));
      }
      rows.forEach((row, i) => {
        row.hidden = i >= found.length;
        if (row.hidden) return;
        const [name, slope] = found[i];
        say(row.querySelector(".napkin-ranked"), now.label(name), true);
        row.querySelector(".napkin-ranking-bar").style.setProperty("--napkin-share", String(Math.abs(slope / found[0][1])));
        row.classList.toggle("is-less", slope < 0);
        Object.assign(row.dataset, { name, value: slope });
        const [half, double] = halfAndDouble(now, name, result).map((value) => now.show(result, value));
        say(row.querySelector(".napkin-ranking-number"), `half: ${half}, double: ${double}`);
      });
    });
  }
}
