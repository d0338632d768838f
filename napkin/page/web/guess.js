// Guess first: a card asks for a number before the page tells it, says how far off the guess was, and shows the reader's
// record; in the built page and in Jupyter.
import { formatted, nearest, typedNumber, typedText } from "./numbers.js";
import { onEnter, slide } from "./page.js";
import { howFar, inWords, listenToRecord, readRecord, stopsOf, writeRecord } from "./record.js";

// The chapter that a card stands in, as its first heading says it.
function titleOf(section) {
  const heading = (section.closest(".jp-Notebook") || document).querySelector("article h1") || document.querySelector("h1");
  if (!heading) return document.title.slice(0, 300);
  const copy = heading.cloneNode(true);
  for (const link of copy.querySelectorAll("a")) link.remove();
  return copy.textContent.trim().slice(0, 300);
}

function add(parent, tag, name, text, more = {}) {
  const element = parent.appendChild(document.createElement(tag));
  if (name) element.className = `napkin-guess-${name}`;
  if (text) element.textContent = text;
  for (const [attribute, value] of Object.entries(more)) element.setAttribute(attribute, value);
  return element;
}

// The guess and the answer as two marks on a logarithmic axis.
function draw(scale, guess, spec) {
  const show = (value, digits) => formatted(value, spec.bare, digits);
  const across = (value) => Math.max(0, Math.min(100, (100 * Math.log(value / spec.low)) / Math.log(spec.high / spec.low)));
  const put = (name, value, text) => {
    const element = add(scale, "span", name, text);
    element.style.setProperty("--at", `${across(value).toFixed(2)}%`);
    return element;
  };
  scale.textContent = "";
  scale.setAttribute("role", "img");
  const ends = `A scale from ${show(spec.low, 3)} to ${show(spec.high, 3)}`;
  scale.setAttribute("aria-label", `${ends}: your guess at ${show(guess, 6)}, the answer at ${show(spec.answer, spec.digits)}.`);
  const decades = [];
  for (let e = Math.ceil(Math.log10(spec.low) - 1e-9); e <= Math.log10(spec.high) + 1e-9; e += 1) decades.push(Number(`1e${e}`));
  // Four names or so, the last one among them.
  const last = decades.length - 1;
  const every = Math.ceil(last / 4) || 1;
  decades.forEach((decade, i) => {
    put("tick", decade);
    if (i === last || (i % every === 0 && last - i >= every)) put("tick-name", decade, show(decade, 3));
  });
  const gap = put("gap", Math.min(guess, spec.answer));
  gap.style.setProperty("--to", `${Math.max(across(guess), across(spec.answer)).toFixed(2)}%`);
  put("mark-answer", spec.answer);
  put("mark-you", guess);
  put("name-answer", spec.answer, `the answer: ${show(spec.answer, spec.digits)}`);
  put("name-you", guess, `you: ${show(guess, 6)}`);
}

// The question's own half of a card: a field, a slider and a button. `onGuess` hears of a guess on the scale.
function makeAsking(section, spec, onGuess) {
  const show = (value) => formatted(value, spec.units, 6);
  const stops = stopsOf(spec);
  const unit = spec.shown[1];
  const box = add(section, "div", "asking");
  const label = add(box, "label", "label");
  add(label, "span", "name", "Your guess");
  const typing = add(label, "span", "typing");
  if (unit === "$") add(typing, "span", "unit", "$");
  const typed = add(typing, "input", "typed", "", { type: "text", inputmode: "decimal", autocomplete: "off" });
  if (unit && unit !== "$") add(typing, "span", "unit", unit);
  const slider = add(box, "input", "slider", "", { type: "range", min: 0, max: stops.length - 1, step: 1 });
  slider.setAttribute("aria-label", `Your guess, between ${show(spec.low)} and ${show(spec.high)}`);
  const bar = add(box, "div", "bar");
  const hint = add(bar, "span", "hint", "Move me, or type.");
  const message = add(bar, "span", "message", "", { role: "alert" });
  const button = add(bar, "button", "button", "That is my guess", { type: "button" });

  // Before the reader has said anything the slider stands in the middle and claims nothing.
  function place(value) {
    const touched = value !== null;
    slide(slider, touched ? nearest(stops, value) : (stops.length - 1) >> 1, stops, touched ? show(value) : "no guess yet");
    if (!touched) slider.style.setProperty("--napkin-filled", "0%");
    slider.classList.toggle("is-touched", touched);
    if (touched) button.disabled = false;
    hint.hidden = touched;
    refuse("");
  }
  function refuse(why) {
    message.textContent = why;
    if (why) typed.setAttribute("aria-invalid", "true");
    else typed.removeAttribute("aria-invalid");
    hint.hidden = hint.hidden || Boolean(why);
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
    button.disabled = !typed.value.trim();
    refuse("");
  });
  typed.addEventListener("change", () => typed.value.trim() && take(() => {}));
  onEnter(typed, () => take(onGuess));
  button.addEventListener("click", () => take(onGuess));
  function clear() {
    typed.value = "";
    button.disabled = true;
    place(null);
  }
  return { box, typed, clear };
}

// Brings one card to life. `onGuess` hears of every guess, and of null where it is forgotten. Returns an object whose
// `set` shows a guess from outside (null asks again) and whose `stop` lets go of the page; nothing where it lives already.
export function hydrateGuess(section, spec, onGuess = () => {}) {
  if (section.classList.contains("is-live")) return null;
  section.classList.add("is-live");
  let shown = null; // the guess that is on the card

  const asking = makeAsking(section, spec, (value) => {
    const record = readRecord();
    reveal(value, record.get(spec.name));
    said.focus({ preventScroll: true });
    if (!record.has(spec.name)) writeRecord(record.set(spec.name, { guess: value, answer: spec.answer, title: titleOf(section) }));
    onGuess(value);
  });
  const said = add(section, "p", "answer", "", { role: "status", tabindex: -1 });
  const told = add(section, "div", "told");
  const scale = add(told, "div", "scale");
  const note = add(told, "p", "note");
  const after = add(told, "div", "bar");
  const summary = add(after, "span", "record");
  const again = add(after, "button", "button", "Guess again", { type: "button" });
  const folded = add(told, "details", "folded");
  add(folded, "summary", "", "All my guesses");
  const list = add(folded, "ul", "list");
  const where = add(folded, "p", "where");
  const forget = add(folded, "button", "button", "Forget my guesses", { type: "button" });

  function ask() {
    shown = null;
    asking.box.hidden = false;
    told.hidden = true;
    said.textContent = "";
    section.classList.remove("is-guessed");
    asking.clear();
  }
  // Tells the answer; `first` is the guess that the record keeps, if this one is a later try.
  function reveal(value, first) {
    shown = value;
    const name = (number, digits) => formatted(number, spec.bare, digits);
    asking.box.hidden = true;
    told.hidden = false;
    section.classList.add("is-guessed");
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
    list.textContent = "";
    for (const one of words.each) add(list, "li", "", one);
    where.textContent = words.where;
  }
  again.addEventListener("click", () => {
    ask();
    asking.typed.focus();
  });
  forget.addEventListener("click", () => {
    writeRecord(new Map());
    asking.typed.focus();
  });
  const listening = new AbortController();
  listenToRecord(() => {
    if (shown === null) return;
    if (readRecord().size) paintRecord();
    else {
      ask();
      onGuess(null);
    }
  }, listening.signal);

  // Who has been here before finds the guess again, beside the answer as the book has it today.
  const record = readRecord();
  const before = record.get(spec.name);
  ask();
  if (before) {
    if (before.answer !== spec.answer) writeRecord(record.set(spec.name, { ...before, answer: spec.answer }));
    reveal(before.guess);
  }
  return {
    guess: before ? before.guess : null,
    set(value) {
      if (value === shown) return;
      if (value === null) ask();
      else reveal(value, readRecord().get(spec.name));
    },
    stop: () => listening.abort(),
  };
}

// In Jupyter the kernel shares the guess: it hears of it, and may set it.
export const widget = {
  render({ model, el }) {
    const spec = model.get("_spec");
    const section = add(el, "section", "", "", { class: "napkin-guess", "aria-label": `Guess first: ${spec.question}` });
    add(section, "p", "kicker", "Guess first");
    add(section, "p", "question", spec.question);
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
