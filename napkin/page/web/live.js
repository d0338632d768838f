// Text that computes: sentences, arithmetic and tables follow the scenario in place.
import { draggable, hold } from "./drag.js";
import { enliven } from "./drawing.js";
import { nearest } from "./numbers.js";
import { attribute, make, say } from "./page.js";
import { isOn, words } from "./sentences.js";

const PLACES = new WeakSet(); // where text is told

// All below `roots` follows from now on. What is returned does the same for what came later, and lets go of what is no longer in
// the page.
export function followText(store, roots = [document]) {
  const { book } = store;
  const followed = new Set();
  const cases = new Map();

  // The elements of these that are new.
  function fresh(all, selector) {
    const elements = all.flatMap((root) => [...root.querySelectorAll(selector)]).filter((element) => !followed.has(element));
    for (const element of elements) followed.add(element);
    return elements;
  }
  function follow(all) {
    const gone = [...followed].filter((element) => !element.isConnected);
    for (const element of gone) followed.delete(element);
    if (gone.length) store.drop((element) => !element.isConnected && PLACES.has(element));
    const places = new Map(); // a sentence's block, or else the number itself: what is told there
    for (const element of fresh(all, "[data-tell]:not(svg *)")) {
      const place = (!element.closest("td") && element.closest("p, li")) || element;
      const told = JSON.parse(element.dataset.tell);
      places.set(place, [...(places.get(place) || []), { element, told, said: inHand(element, told) }]);
    }
    for (const [place, told] of places) listen(place, () => tell(place, told));
    for (const element of fresh(all, "[data-sum]")) {
      const sum = { element, ...JSON.parse(element.dataset.sum) };
      listen(element, () => tellSum(sum));
    }
    for (const svg of fresh(all, "figure[data-at] > svg")) {
      const at = JSON.parse(svg.parentNode.dataset.at);
      const paint = enliven(svg, book.units);
      listen(svg, () => {
        const now = inForce(at);
        paint((name, pins) => pinned(now, pins).number(name));
      });
    }
  }
  function listen(place, act) {
    PLACES.add(place);
    store.listen(act, place);
  }

  // What is in force, where `at` is what the sentence starts from.
  function inForce(at) {
    const key = JSON.stringify(at);
    if (!cases.has(key)) cases.set(key, store.here().case({ ...book.plain, ...at }));
    return cases.get(key);
  }
  // The same where `pins` hold in any case.
  function pinned(now, pins) {
    if (!pins) return now;
    const { peak_flops, weight_bits } = now.inputs;
    const rate = "weight_bits" in pins && !store.scenario.gpu && !("peak_flops" in store.scenario.given) ? { peak_flops: (peak_flops * weight_bits) / pins.weight_bits } : {};
    return now.with({ ...rate, ...pins });
  }
  const text = (part, now) => words(part, (name, pins) => pinned(now, pins).number(name), book.units);
  // Why there is no number: the reason of the first name that has none.
  function why(node, now) {
    if (typeof node === "string") return now.answer(node).why;
    if (!Array.isArray(node)) return "";
    const [sign, left, right] = node;
    return sign === "at" ? why(left, pinned(now, right)) : why(left, now) || why(right, now);
  }
  // An input that a control of this page moves can be dragged in the text too.
  function inHand(element, [name, , , , at]) {
    const control = typeof name === "string" && !element.closest("td, th, a, summary") && store.controls[name];
    if (!control) return undefined;
    const { label, stops } = control;
    return draggable(element, { label, stops, at: () => nearest(stops, inForce(at).number(name)), move: (stop) => store.change({ [name]: stops[stop] }) });
  }
  // In a table the reason stands where the number would; a sentence has dashes, and the reason once, at its end.
  function tell(place, all) {
    let reason = "";
    const isBlock = place !== all[0].element;
    if (isBlock) hold(place);
    for (const { element, told, said } of all) {
      const now = inForce(told[4]);
      const found = text(told, now);
      const because = found ? "" : why(told[0], now) || "no number";
      reason ||= because;
      // some tables have several such cells: the reason's head stands in each
      say(element, found || (isBlock ? "—" : because.split(":")[0]));
      if (!isBlock) attribute(element, "title", found ? null : because);
      if (said) said(element.textContent);
    }
    if (!isBlock) return;
    const last = place.querySelector(":scope > .napkin-why");
    if (last) say(last, reason && ` (${reason})`, true);
    else if (reason) place.append(make("span", { className: "napkin-why", textContent: ` (${reason})` }));
  }

  function tellSum({ element, at, told }) {
    hold(element);
    const now = inForce(at);
    const [on, parts] = told.find(([choices]) => choices.every((switches) => switches.some((name) => isOn(name, now.inputs, book.neutral))));
    const failed = parts.map((part) => (typeof part === "string" ? "" : why(part[0], now))).find(Boolean);
    say(element.querySelector(".napkin-sum"), failed || parts.map((part) => (typeof part === "string" ? part : text(part, now) || "—")).join(""));
    const plain = Boolean(failed) || !on.some((switches) => !switches.includes("as_the_article"));
    attribute(element.querySelector(".napkin-note"), "hidden", plain ? "" : null);
  }

  store.listen(() => {
    cases.clear();
    const { model, gpu, given } = store.scenario;
    document.documentElement.classList.toggle("napkin-moved", model !== "" || gpu !== "" || Object.keys(given).length > 0);
  });
  follow(roots);
  return follow;
}
