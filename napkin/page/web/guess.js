// Guess first: a card asks for a number before the page tells it, says how far off the guess was, and shows the reader's
// record; in the built page and in Jupyter.
import { formatted, nearest, typedNumber, typedText } from "./numbers.js";
import { attribute, make, onEnter, slide } from "./page.js";
import { howFar, inWords, listenToRecord, readRecord, writeRecord } from "./record.js";
import { stopsAlong } from "./stops.js";

// The chapter that a card stands in, as its first heading says it.
function titleOf(section) {
  const heading = (section.closest(".jp-Notebook") || document).querySelector("article h1") || document.querySelector("h1");
  if (!heading) return document.title.slice(0, 300);
  const copy = heading.cloneNode(true);
  for (const link of copy.querySelectorAll("a")) link.remove();
  return copy.textContent.trim().slice(0, 300);
}

const part = (tag, name, properties, children) => make(tag, { className: `napkin-guess-${name}`, ...properties }, children);

const button = (textContent, onclick) => part("button", "button", { type: "button", textContent, onclick });

// The powers of ten of a scale as [number, whether it is named]: four names or so, the last one among them.
function decadesOf({ low, high }) {
  const decades = [];
  for (let e = Math.ceil(Math.log10(low) - 1e-9); e <= Math.log10(high) + 1e-9; e += 1) decades.push(Number(`1e${e}`));
  const last = decades.length - 1;
  const every = Math.ceil(last / 4) || 1;
  return decades.map((decade, i) => [decade, i === last || (i % every === 0 && last - i >= every)]);
}

// What would answer the question on the same screen: the results of that name, and its numbers in drawings, in the part of the
// text that the card stands in.
function answersNear(section, name) {
  const around = section.parentElement?.closest("section");
  const all = around && name ? around.querySelectorAll(`output[name="${name}"], svg.napkin-drawing [data-tell]`) : [];
  const tells = ({ dataset }) => [JSON.parse(dataset.tell)[0]].flat(); // a name, or what is computed from it: ["at", name, …]
  return [...all].filter((one) => one.closest("section") === around && (one.matches("output") || tells(one).includes(name)));
}

// The guess and the answer as two marks on a logarithmic axis.
function draw(scale, guess, { low, high, answer, bare, digits }) {
  const show = (value, to) => formatted(value, bare, to);
  const across = (value) => `${Math.max(0, Math.min(100, (100 * Math.log(value / low)) / Math.log(high / low))).toFixed(2)}%`;
  const put = (name, value, textContent = "") => {
    const element = scale.appendChild(part("span", name, { textContent }));
    element.style.setProperty("--at", across(value));
    return element;
  };
  scale.replaceChildren();
  scale.role = "img";
  const ends = `A scale from ${show(low, 3)} to ${show(high, 3)}`;
  scale.ariaLabel = `${ends}: your guess at ${show(guess, 6)}, the answer at ${show(answer, digits)}.`;
  for (const [decade, isNamed] of decadesOf({ low, high })) {
    put("tick", decade);
    if (isNamed) put("tick-name", decade, show(decade, 3));
  }
  put("gap", Math.min(guess, answer)).style.setProperty("--to", across(Math.max(guess, answer)));
  put("mark-answer", answer);
  put("mark-you", guess);
  put("name-answer", answer, `the answer: ${show(answer, digits)}`);
  put("name-you", guess, `you: ${show(guess, 6)}`);
}

// The powers of ten under the slider, each where the slider rests on it.
function ticksOf(spec, stops) {
  const ticks = part("div", "ticks", { ariaHidden: "true" });
  for (const [decade, isNamed] of decadesOf(spec)) {
    const tick = ticks.appendChild(part("span", isNamed ? "end" : "minor", { textContent: isNamed ? formatted(decade, spec.bare, 3) : "" }));
    tick.style.setProperty("--at", String(nearest(stops, decade) / (stops.length - 1)));
  }
  return ticks;
}

// The question's own half of a card: a field, a slider and two buttons. `onGuess` hears of a guess on the scale, `onSkip` of none.
function makeAsking(spec, onGuess, onSkip) {
  const show = (value) => formatted(value, spec.units, 6);
  const stops = stopsAlong({ ...spec, scale: "log" });
  const typed = part("input", "typed", { type: "text", inputMode: "decimal", autocomplete: "off" });
  const unit = spec.shown[1] && part("span", "unit", { textContent: spec.shown[1] });
  const typing = part("span", "typing", {}, spec.shown[1] === "$" ? [unit, typed] : [typed, unit]);
  const label = part("label", "label", {}, [part("span", "name", { textContent: "Your guess" }), typing]);
  const slider = part("input", "slider", { type: "range", min: 0, max: stops.length - 1, step: 1 });
  slider.ariaLabel = `Your guess, between ${show(spec.low)} and ${show(spec.high)}`;
  const hint = part("span", "hint", { textContent: "Move me, or type." });
  const message = part("span", "message", { role: "alert" });
  const done = button("That is my guess", () => take(onGuess));
  const box = part("div", "asking", {}, [label, slider, ticksOf(spec, stops), part("div", "bar", {}, [hint, message, done, button("Skip", onSkip)])]);

  // Before the reader has said anything the slider stands in the middle and claims nothing.
  function place(value) {
    const touched = value !== null;
    slide(slider, touched ? nearest(stops, value) : (stops.length - 1) >> 1, stops, touched ? show(value) : "no guess yet");
    if (!touched) {
      slider.style.setProperty("--napkin-filled", "0%");
      typed.value = "";
    }
    slider.classList.toggle("is-touched", touched);
    done.disabled = !touched;
    hint.hidden = touched;
    refuse("");
  }
  function refuse(why) {
    message.textContent = why;
    attribute(typed, "aria-invalid", why ? "true" : null);
    hint.hidden ||= Boolean(why);
  }
  // The field is the one who knows: the slider writes into it. Calls `act` with the guess, or says why there is none.
  function take(act) {
    const value = typedNumber(typed.value, spec.shown, spec.units);
    if (value >= spec.low && value <= spec.high) {
      place(value);
      act(value);
    } else {
      const got = typed.value.trim() ? `got “${typed.value.trim().slice(0, 40)}”` : "none given";
      refuse(`A guess here is a number from ${show(spec.low)} to ${show(spec.high)}, ${got}.`);
    }
  }
  function moved() {
    const value = stops[Number(slider.value)];
    typed.value = typedText(value, spec.shown);
    place(value);
  }
  slider.addEventListener("input", moved);
  slider.addEventListener("click", moved); // the middle is a guess too, for who presses the slider without moving it
  typed.addEventListener("input", () => {
    done.disabled = !typed.value.trim();
    refuse("");
  });
  typed.addEventListener("change", () => typed.value.trim() && take(() => {}));
  onEnter(typed, () => take(onGuess));
  return { box, typed, clear: () => place(null) };
}

// Brings one card to life. `onGuess` hears of every guess, and of null where it is forgotten. Returns an object whose
// `set` shows a guess from outside (null asks again) and whose `stop` lets go of the page.
export function hydrateGuess(section, spec, onGuess = () => {}) {
  section.classList.add("is-live");
  let shown = null; // the guess that is on the card

  const asking = makeAsking(spec, (value) => {
    const record = readRecord();
    show(value, record.get(spec.name));
    said.focus({ preventScroll: true });
    if (!record.has(spec.name)) writeRecord(record.set(spec.name, { guess: value, answer: spec.answer, title: titleOf(section) }));
    onGuess(value);
  }, () => {
    show(null, undefined, true);
    said.focus({ preventScroll: true });
  });
  const said = part("p", "answer", { role: "status", tabIndex: -1 });
  const why = part("p", "why");
  const scale = part("div", "scale");
  const note = part("p", "note");
  const summary = part("span", "record");
  const again = button("Guess again", () => show(null));
  const list = part("ul", "list");
  const where = part("p", "where");
  const forget = button("Forget my guesses", () => writeRecord(new Map()));
  const folded = part("details", "folded", {}, [make("summary", { textContent: "All my guesses" }), list, where, forget]);
  const told = part("div", "told", {}, [why, scale, note, part("div", "bar", {}, [summary, again]), folded]);
  told.addEventListener("click", ({ target }) => target.closest("button") && asking.typed.focus()); // both lead back to the question
  section.append(asking.box, said, told);

  // Tells the answer, or asks where there is no guess; `first` is the guess that the record keeps, if this one is a later try.
  function show(value, first, skipped = false) {
    shown = value;
    const asks = value === null && !skipped;
    asking.box.hidden = !asks;
    told.hidden = asks;
    section.classList.toggle("is-guessed", !asks);
    for (const one of answersNear(section, spec.covers)) {
      one.classList.toggle("is-covered", asks);
      if (one.matches("svg *")) attribute(one.closest("svg"), "aria-hidden", asks ? "true" : null); // its text alternative has the answer too
    }
    said.textContent = "";
    why.textContent = asks ? "" : spec.why;
    scale.hidden = value === null;
    again.textContent = value === null ? "Guess after all" : "Guess again";
    if (asks) {
      asking.clear();
      return;
    }
    const name = (number, digits) => formatted(number, spec.bare, digits);
    if (skipped) {
      note.textContent = "";
      paintRecord();
      said.textContent = `It is ${formatted(spec.answer, spec.units, spec.digits)}.`;
      return;
    }
    draw(scale, value, spec);
    const later = first && first.guess !== value;
    note.textContent = later ? `Your first guess, ${name(first.guess, 6)}, is the one that counts.` : "";
    paintRecord();
    const off = howFar(value, spec.answer, "that is it, ", `too ${spec.more}`, `too ${spec.less}`);
    said.textContent = `You said ${name(value, 6)}. It is ${name(spec.answer, spec.digits)}: ${off}.`;
  }
  function paintRecord() {
    const words = inWords(readRecord());
    summary.textContent = words.all;
    folded.hidden = !words.all;
    list.replaceChildren(...words.each.map((textContent) => make("li", { textContent })));
    where.textContent = words.where;
  }
  const listening = new AbortController();
  listenToRecord(() => {
    if (shown === null) return;
    if (readRecord().size) paintRecord();
    else {
      show(null);
      onGuess(null);
    }
  }, listening.signal);

  // Who has been here before finds the guess again, beside the answer as the book has it today.
  const record = readRecord();
  const before = record.get(spec.name);
  show(null);
  if (before) {
    if (before.answer !== spec.answer) writeRecord(record.set(spec.name, { ...before, answer: spec.answer }));
    show(before.guess);
  }
  return {
    guess: shown,
    set: (value) => value !== shown && show(value, readRecord().get(spec.name)),
    stop: () => listening.abort(),
  };
}

// In Jupyter the kernel shares the guess: it hears of it, and may set it.
export const widget = {
  render({ model, el }) {
    const spec = model.get("_spec");
    const section = make("section", { className: "napkin-guess", ariaLabel: `Guess first: ${spec.question}` }, [
      part("p", "kicker", { textContent: "Guess first" }), part("p", "question", { textContent: spec.question }),
    ]);
    el.append(section);
    const send = (guess) => {
      model.set("guess", guess);
      model.save_changes();
    };
    const view = hydrateGuess(section, spec, send);
    const follow = () => view.set(model.get("guess"));
    if (model.get("guess") !== null) follow();
    else if (view.guess !== null) send(view.guess);
    model.on("change:guess", follow);
    return () => {
      model.off("change:guess", follow);
      view.stop();
    };
  },
};
