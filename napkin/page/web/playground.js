// The playground's front end, in the built book and in Jupyter. The formulas come generated from napkin.
import { Case } from "./answers.js";
import { drawChart } from "./chart.js";
import { enliven } from "./drawing.js";
import { draggable, hold, moving } from "./drag.js";
import { formatted, nearest, readings, typedText } from "./numbers.js";
import { attribute, make, onEnter, say, slide } from "./page.js";
import { mismatch } from "./scenario.js";
import { limit } from "./sentences.js";
import { stopsAlong } from "./stops.js";

// Brings one figure to life. `spec` says what it holds, `compute` evaluates its formulas. The `host` keeps the inputs:
// `change(name, value)` and `choose(catalogue, name)` tell it what the reader did, `reset()` brings back the first ones;
// it answers through `set` of the object that this returns, with all inputs and what is not known about them.
export function hydrate(figure, spec, compute, host) {
  figure.classList.add("is-live");
  const find = (selector) => figure.querySelector(selector);
  const [message, reason, sentence, binds] = [".napkin-message", ".napkin-reason", ".napkin-sentence", ".napkin-limit"].map(find);
  const knowledge = { ...spec, compute };
  for (const control of spec.controls) if (control.slides) control.stops = stopsAlong(control);
  const controlled = (name) => spec.controls.find((control) => control.name === name);
  const unitOf = (name) => spec.units[spec.names[name][1]];
  const labelOf = (name) => spec.names[name][0];
  const show = (name, value) => formatted(value, unitOf(name), spec.names[name][2]);
  let inputs = spec.inputs;
  let chosen = {};
  for (const control of spec.controls) if (control.stops) control.text = () => known(control.name);
  const along = spec.chart && controlled(spec.chart.x);
  const chart = spec.chart && drawChart(find("svg"), spec.chart, compute, spec.names, spec.units, along, (value) => change(along, value));
  const drawing = spec.drawn && enliven(find("svg"), spec.units);
  const told = sentence && addNumbers();
  for (const output of figure.querySelectorAll("output")) coloured(output, output.name);

  function set(given, { unknown, chosen: names = {}, kept } = {}) {
    inputs = { ...given };
    chosen = names;
    message.textContent = "";
    const now = new Case(knowledge, { ...spec.neutral, ...inputs }, unknown);
    const then = kept && new Case(knowledge, { ...spec.neutral, ...kept });
    figure.dataset.inputs = JSON.stringify(inputs);
    for (const control of spec.controls) paintControl(control);
    const reasons = new Set();
    for (const output of figure.querySelectorAll("output")) {
      const { value, why } = now.answer(output.name);
      say(output, why ? "—" : now.show(output.name, value));
      if (why) reasons.add(why);
      attribute(output, "title", why || null);
      output.classList.toggle("is-reason", Boolean(why));
      output.classList.toggle("is-long", output.textContent.length > spec.long);
      attribute(output, "data-value", why ? null : String(value));
      let before = output.parentElement.querySelector(".napkin-then"); // what it was in the scenario that is kept for comparison
      if (then) before ||= output.parentElement.appendChild(make("span", { className: "napkin-then" }));
      if (before) say(before, then ? `A: ${then.show(output.name)}` : "", true);
    }
    if (sentence) {
      const why = spec.sentenceNames.map((name) => now.answer(name).why).find(Boolean);
      hold(sentence);
      told(why ? why[0].toUpperCase() + why.slice(1) + "." : "", now);
    }
    say(reason, [...reasons].join("; "), true);
    if (binds) {
      hold(binds);
      say(binds, limit(spec.limits, (name) => now.number(name), spec.units), true);
    }
    if (drawing) drawing((name, pins) => (pins ? now.with(pins) : now).number(name));
    if (chart) chart.paint(now.inputs, now.out, then && then.inputs);
  }

  const known = (name) => (Number.isFinite(inputs[name]) ? show(name, inputs[name]) : "not published");

  // One colour for a quantity: of its curve, its result, and its number in the sentence.
  function coloured(element, name) {
    const place = spec.chart ? spec.chart.y.indexOf(name) : -1;
    if (place >= 0) element.classList.add(`napkin-quantity-${place}`);
    return element;
  }

  // The sentence as words and numbers; those that a control moves can be dragged. Returns what writes it: a reason, or the case.
  function addNumbers() {
    const text = make("span");
    const because = make("span");
    const fields = spec.sentence.split(/\{(\w+)\}/).map((part, i) => {
      if (i % 2 === 0) return { element: document.createTextNode(part) };
      const control = controlled(part);
      const element = coloured(make("span", { className: "napkin-number" }), part);
      if (!control?.stops) return { element, name: part };
      const move = (stop) => change(control, control.stops[stop]);
      return { element, name: part, said: draggable(element, { label: labelOf(part), stops: control.stops, at: () => nearest(control.stops, inputs[part]), move }) };
    });
    text.append(...fields.map(({ element }) => element));
    return (why, now) => {
      const shown = why ? because : text;
      if (sentence.firstChild !== shown) sentence.replaceChildren(shown);
      say(because, why, true);
      for (const { element, name, said } of fields) {
        if (!name) continue;
        say(element, now.show(name), true);
        if (said) said(known(name));
      }
    };
  }

  // A control that shows the value already is left alone: writing it again costs the page a layout.
  function paintControl(control, anew) {
    const now = control.catalogue ? chosen[control.name] || "" : inputs[control.name];
    if (Object.is(control.painted, now) && !anew) return;
    control.painted = now;
    control.element.dataset.value = String(now);
    if (!control.stops) {
      control.element.value = String(now);
      if (control.element.selectedIndex < 0) { // a number between those of the list
        control.element.add(new Option(show(control.name, now), String(now)));
        control.element.value = String(now);
      }
      say(control.still, control.element.selectedOptions[0]?.textContent || String(now), true);
      return;
    }
    const said = known(control.name);
    slide(control.element, nearest(control.stops, now), control.stops, said);
    control.typed.value = fieldText(control);
    if (control.unit) control.unit.hidden = /[a-z]/i.test(control.typed.value);
    refuse(control, "");
    say(control.still, said, true);
  }
  const fieldText = ({ name, shown }) => (Number.isFinite(inputs[name]) ? typedText(inputs[name], shown, unitOf(name)) : "");

  // Everything that changes an input comes through here; a text that was typed may mean several numbers. Refusals say why, at
  // the field if it is in sight, and leave everything as it was: what was typed too.
  function change(control, given, text) {
    const { name } = control;
    const meant = [given].flat();
    const refusals = meant.map((one) => refusal(control, one, text) || mismatch({ ...inputs, [name]: one }, spec.together, labelOf, show));
    const fits = refusals.indexOf("");
    if (fits < 0) {
      if (text === undefined) paintControl(control, true);
      refuse(control, refusals[0][0].toUpperCase() + refusals[0].slice(1) + ".");
    } else {
      refuse(control, "");
      if (meant[fits] !== inputs[name]) host.change(name, meant[fits]);
      else paintControl(control, true);
    }
  }
  function refuse({ element, typed, refused }, why) {
    const here = refused && element.offsetParent;
    if (refused) say(refused, here ? why : "", true);
    say(message, here ? "" : why, true);
    if (typed) attribute(typed, "aria-invalid", why ? "true" : null);
  }
  function refusal({ name, stops, shown: [, unit], whole, low, high }, given, text) {
    if (!stops || (given >= low && given <= high && !(whole && given !== Math.floor(given)))) return "";
    const asked = text === undefined ? given : !text.trim() ? "nothing" : `“${text.trim().slice(0, 40)}”${unit && !text.includes(unit) ? ` (${unit})` : ""}`;
    return `${labelOf(name)} must be ${whole ? "a whole number " : ""}from ${show(name, low)} to ${show(name, high)}, got ${asked}`;
  }

  for (const control of spec.controls) {
    control.element = find(`[name="${control.name}"]`);
    control.typed = find(`[data-types="${control.name}"]`);
    const box = control.element.closest(".napkin-control");
    control.still = box.querySelector(".napkin-still");
    control.unit = box.querySelector(".napkin-unit");
    control.refused = box.appendChild(make("p", { className: "napkin-refused", role: "alert" }));
    control.element.disabled = false;
    control.element.addEventListener("input", () => {
      const picked = control.element.value;
      if (control.catalogue) {
        message.textContent = "";
        host.choose(control.name, picked);
      } else {
        if (control.stops) moving();
        change(control, control.stops ? control.stops[Number(picked)] : Number(picked));
      }
    });
    if (!control.typed) continue;
    control.typed.disabled = false;
    const take = () => { // what stands there rounded, and nobody has touched, is not taken for another number
      const { name, shown, typed } = control;
      change(control, typed.value === fieldText(control) ? inputs[name] : readings(typed.value, shown, unitOf(name)), typed.value);
    };
    control.typed.addEventListener("change", take);
    onEnter(control.typed, take);
  }
  find(".napkin-reset").disabled = false;
  find(".napkin-reset").addEventListener("click", () => {
    for (const control of spec.controls) paintControl(control, true);
    host.reset();
  });
  set(inputs);
  return { set };
}
