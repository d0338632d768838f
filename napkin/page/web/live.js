// Text that computes: sentences, arithmetic and tables follow the scenario in place.
import { draggable, hold } from "./drag.js";
import { enliven } from "./drawing.js";
import { nearest } from "./numbers.js";
import { attribute, make, say } from "./page.js";
import { isOn, words } from "./sentences.js";

export function followText(store) {
  const { book } = store;
  const fields = [...document.querySelectorAll("[data-tell]:not(svg *)")].map((element) => ({ element, told: JSON.parse(element.dataset.tell) }));
  const sums = [...document.querySelectorAll("[data-sum]")].map((element) => ({ element, ...JSON.parse(element.dataset.sum) }));
  const drawings = [...document.querySelectorAll("figure[data-at] > svg")].map((svg) => ({ svg, at: JSON.parse(svg.parentNode.dataset.at), paint: enliven(svg, book.units) }));
  if (!fields.length && !sums.length && !drawings.length) return;
  const places = new Map(); // a sentence's block, or else the number itself: what is told there
  for (const one of fields) {
    const place = (!one.element.closest("td") && one.element.closest("p, li")) || one.element;
    places.set(place, [...(places.get(place) || []), one]);
  }
  const cases = new Map();

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
  for (const one of fields) {
    const [name, , , , at] = one.told;
    const control = typeof name === "string" && !one.element.closest("td, th, a, summary") && store.controls[name];
    if (!control) continue;
    const { label, stops } = control;
    one.said = draggable(one.element, { label, stops, at: () => nearest(stops, inForce(at).number(name)), move: (stop) => store.change({ [name]: stops[stop] }) });
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
      say(element, found || (isBlock ? "—" : because));
      if (said) said(element.textContent);
    }
    if (!isBlock) return;
    const last = place.querySelector(":scope > .napkin-why");
    if (last) say(last, reason && ` (${reason})`, true);
    else if (reason) place.append(make("span", { className: "napkin-why", textContent: ` (${reason})` }));
  }

  function tellSum({ element, at, told }) {
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
  for (const [place, all] of places) store.listen(() => tell(place, all), place);
  for (const one of sums) store.listen(() => tellSum(one), one.element);
  for (const { svg, at, paint } of drawings) {
    store.listen(() => {
      const now = inForce(at);
      paint((name, pins) => pinned(now, pins).number(name));
    }, svg);
  }
}
