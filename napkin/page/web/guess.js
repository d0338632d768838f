// Guess first: a card asks for a number before the page tells it, says how far off the guess was, and keeps the reader's
// record in this browser. One file serves the built page (a classic, deferred script, after numbers.js) and Jupyter
// (the body of an anywidget module).

// ---- The record: first guesses by name, in this browser only -----------------------------------

// What is kept where nothing can be stored: in a private window, on a disk, with a full store.
globalThis.napkinGuessKept = globalThis.napkinGuessKept || { record: new Map(), lasting: true };

// The record as a Map of name → {guess, answer, title}, in the order of guessing.
function napkinGuessRecord() {
  const kept = globalThis.napkinGuessKept;
  if (!kept.lasting) return kept.record;
  try {
    return napkinGuessRead(globalThis.localStorage.getItem("napkin-guesses"));
  } catch {
    kept.lasting = false;
    return kept.record;
  }
}

// What is stored may be anybody's: whatever is not a guess is left out.
function napkinGuessRead(text) {
  const record = new Map();
  if (!text || text.length > 200000) return record;
  let stored;
  try {
    stored = JSON.parse(text);
  } catch {
    return record;
  }
  if (typeof stored !== "object" || stored === null || Array.isArray(stored)) return record;
  const number = (n) => typeof n === "number" && Number.isFinite(n) && n > 0;
  for (const [name, entry] of Object.entries(stored).slice(0, 500)) {
    const { guess, answer, title } = entry || {};
    const good = /^[a-z0-9-]{1,80}$/.test(name) && number(guess) && number(answer) && Number.isFinite(napkinGuessFactor(guess, answer));
    if (good && typeof title === "string" && title.length <= 300) record.set(name, { guess, answer, title });
  }
  return record;
}

function napkinGuessWrite(record) {
  const kept = globalThis.napkinGuessKept;
  kept.record = record;
  try {
    if (record.size) globalThis.localStorage.setItem("napkin-guesses", JSON.stringify(Object.fromEntries(record)));
    else globalThis.localStorage.removeItem("napkin-guesses");
  } catch {
    kept.lasting = false;
  }
  globalThis.dispatchEvent(new Event("napkin-guesses"));
}

// ---- Words --------------------------------------------------------------------------------------

// How many times off a guess is, 1 or more.
function napkinGuessFactor(guess, answer) {
  return Math.max(guess / answer, answer / guess);
}

// A factor to two significant digits: "4.2", "47", "4,700", "2.3 million".
function napkinGuessTimes(factor) {
  const words = [[0, ""], [6, " million"], [9, " billion"], [12, " trillion"]];
  return napkinFormatted(Number(factor.toPrecision(2)), [words, "", false], 2);
}

// Half of the factors are at most this: the median, between two of them their geometric mean.
function napkinGuessMedian(factors) {
  const sorted = [...factors].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : Math.sqrt(sorted[half - 1]) * Math.sqrt(sorted[half]);
}

function napkinGuessOff(guess, answer, more, less) {
  const factor = napkinGuessFactor(guess, answer);
  return factor < 1.15 ? "that is it, within 15 %" : `${napkinGuessTimes(factor)} times too ${guess > answer ? more : less}`;
}

// Reads what was typed, in base units: digits as everywhere, and any unit that the question's answer may be said in.
function napkinGuessTyped(text, spec) {
  const match = /^(.*[\d.])\s*(\D*)$/.exec(text.trim());
  if (!match) return NaN;
  const said = match[2].trim().toLowerCase().replaceAll("\u03bc", "\u00b5");
  if (said !== "" && !Object.hasOwn(spec.spoken, said)) return NaN;
  return napkinTyped(match[1], { shown: [said === "" ? spec.shown[0] : spec.spoken[said], ""] });
}

// The chapter that a card stands in, as its first heading says it.
function napkinGuessTitle(section) {
  const heading = (section.closest(".jp-Notebook") || document).querySelector("article h1") || document.querySelector("h1");
  if (!heading) return document.title.slice(0, 300);
  const copy = heading.cloneNode(true);
  for (const link of copy.querySelectorAll("a")) link.remove();
  return copy.textContent.trim().slice(0, 300);
}

// ---- The scale ----------------------------------------------------------------------------------

// Where the slider rests: numbers of two digits, as people say them, and both ends.
function napkinGuessStops({ low, high, whole }) {
  const stops = [low];
  for (let e = Math.floor(Math.log10(low)) - 2; e <= Math.log10(high); e += 1) {
    for (let m = 10; m < 100; m += 1) {
      const stop = Number(`${m}e${e}`);
      if (stop > low && stop < high && (!whole || Number.isInteger(stop))) stops.push(stop);
    }
  }
  return [...stops, high];
}

function napkinGuessMake(parent, tag, name, text, more = {}) {
  const element = parent.appendChild(document.createElement(tag));
  if (name) element.className = `napkin-guess-${name}`;
  if (text) element.textContent = text;
  for (const [attribute, value] of Object.entries(more)) element.setAttribute(attribute, value);
  return element;
}

// The guess and the answer as two marks on a logarithmic axis.
function napkinGuessDraw(scale, guess, spec) {
  const show = (value, digits) => napkinFormatted(value, spec.bare, digits);
  const across = (value) => Math.max(0, Math.min(100, (100 * Math.log(value / spec.low)) / Math.log(spec.high / spec.low)));
  const put = (name, value, text) => {
    const element = napkinGuessMake(scale, "span", name, text);
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

// ---- The card -----------------------------------------------------------------------------------

// Brings one card to life. `onGuess` hears of every guess, and of null where it is forgotten. Returns an object whose
// `set` shows a guess from outside (null asks again) and whose `stop` lets go of the page; nothing where it lives already.
function napkinGuessHydrate(section, spec, onGuess = () => {}) {
  if (section.classList.contains("is-live")) return null;
  section.classList.add("is-live");
  const make = napkinGuessMake;
  const show = (value) => napkinFormatted(value, spec.units, 6);
  const stops = napkinGuessStops(spec);
  const unit = spec.shown[1];
  let shown = null; // the guess that is on the card

  const asking = make(section, "div", "asking");
  const label = make(asking, "label", "label");
  make(label, "span", "name", "Your guess");
  const typing = make(label, "span", "typing");
  if (unit === "$") make(typing, "span", "unit", "$");
  const typed = make(typing, "input", "typed", "", { type: "text", inputmode: "decimal", autocomplete: "off" });
  if (unit && unit !== "$") make(typing, "span", "unit", unit);
  const slider = make(asking, "input", "slider", "", { type: "range", min: 0, max: stops.length - 1, step: 1 });
  slider.setAttribute("aria-label", `Your guess, between ${show(spec.low)} and ${show(spec.high)}`);
  const bar = make(asking, "div", "bar");
  const hint = make(bar, "span", "hint", "Move me, or type.");
  const message = make(bar, "span", "message", "", { role: "alert" });
  const button = make(bar, "button", "button", "That is my guess", { type: "button" });

  const said = make(section, "p", "answer", "", { role: "status", tabindex: -1 });
  const told = make(section, "div", "told");
  const scale = make(told, "div", "scale");
  const note = make(told, "p", "note");
  const after = make(told, "div", "bar");
  const summary = make(after, "span", "record");
  const again = make(after, "button", "button", "Guess again", { type: "button" });
  const folded = make(told, "details", "folded");
  make(folded, "summary", "", "All my guesses");
  const list = make(folded, "ul", "list");
  const where = make(folded, "p", "where");
  const forget = make(folded, "button", "button", "Forget my guesses", { type: "button" });

  // Before the reader has said anything the slider stands in the middle and claims nothing.
  function ask() {
    shown = null;
    asking.hidden = false;
    told.hidden = true;
    said.textContent = "";
    section.classList.remove("is-guessed");
    typed.value = "";
    button.disabled = true;
    place(null);
  }
  function place(value) {
    const touched = value !== null;
    let nearest = (stops.length - 1) >> 1;
    if (touched) {
      nearest = 0;
      stops.forEach((stop, i) => {
        if (Math.abs(stop - value) < Math.abs(stops[nearest] - value)) nearest = i;
      });
    }
    slider.value = String(nearest);
    slider.classList.toggle("is-touched", touched);
    slider.setAttribute("aria-valuetext", touched ? show(value) : "no guess yet");
    slider.style.setProperty("--napkin-filled", touched ? `${(100 * nearest) / (stops.length - 1)}%` : "0%");
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

  // The field is the one who knows: the slider writes into it. Returns the guess, or null and says why there is none.
  function taken() {
    const value = napkinGuessTyped(typed.value, spec);
    if (value >= spec.low && value <= spec.high) {
      place(value);
      return value;
    }
    const got = typed.value.trim() ? `got “${typed.value.trim().slice(0, 40)}”` : "none given";
    refuse(`A guess here is a number from ${show(spec.low)} to ${show(spec.high)}, ${got}.`);
    return null;
  }
  function guessed() {
    const value = taken();
    if (value === null) return;
    const record = napkinGuessRecord();
    reveal(value, record.get(spec.name));
    said.focus({ preventScroll: true });
    if (!record.has(spec.name)) {
      record.set(spec.name, { guess: value, answer: spec.answer, title: napkinGuessTitle(section) });
      napkinGuessWrite(record);
    }
    onGuess(value);
  }

  // Tells the answer; `first` is the guess that the record keeps, if this one is a later try.
  function reveal(value, first) {
    shown = value;
    const name = (number, digits) => napkinFormatted(number, spec.bare, digits);
    const off = napkinGuessOff(value, spec.answer, spec.more, spec.less);
    asking.hidden = true;
    told.hidden = false;
    section.classList.add("is-guessed");
    napkinGuessDraw(scale, value, spec);
    const later = first && first.guess !== value;
    note.textContent = later ? `Your first guess, ${name(first.guess, 6)}, is the one that counts.` : "";
    paintRecord();
    said.textContent = `You said ${name(value, 6)}. It is ${name(spec.answer, spec.digits)}: ${off}.`;
  }
  function paintRecord() {
    const record = napkinGuessRecord();
    const factors = [...record.values()].map((one) => napkinGuessFactor(one.guess, one.answer));
    const count = `Your record: ${factors.length} ${factors.length === 1 ? "guess" : "guesses"}`;
    const half = factors.length > 1 ? `, half of them within a factor of ${napkinGuessTimes(napkinGuessMedian(factors))}` : "";
    summary.textContent = factors.length ? `${count}${half}.` : "";
    folded.hidden = !factors.length;
    list.textContent = "";
    for (const { guess, answer, title } of record.values()) {
      const factor = napkinGuessFactor(guess, answer);
      const off = factor < 1.15 ? "within 15 %" : `${napkinGuessTimes(factor)} times ${guess > answer ? "over" : "under"}`;
      make(list, "li", "", title ? `${title}: ${off}` : off);
    }
    where.textContent = (globalThis.napkinGuessKept.lasting ? "Kept in this browser and sent nowhere."
      : "This browser keeps nothing, so the record lasts as long as this page.") + " Only the first guess at each question counts.";
  }

  slider.addEventListener("input", moved);
  slider.addEventListener("click", moved); // the middle is a guess too, for who presses the slider without moving it
  function moved() {
    const value = stops[Number(slider.value)];
    typed.value = napkinShownPlain(value, spec);
    place(value);
  }
  typed.addEventListener("input", () => {
    button.disabled = !typed.value.trim();
    refuse("");
  });
  typed.addEventListener("change", () => typed.value.trim() && taken());
  typed.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (!event.repeat) guessed();
  });
  button.addEventListener("click", guessed);
  again.addEventListener("click", () => {
    ask();
    typed.focus();
  });
  forget.addEventListener("click", () => {
    napkinGuessWrite(new Map());
    typed.focus();
  });

  // Every card of the page hears of each guess, and so do those in other windows.
  const listening = new AbortController();
  const heard = (event) => {
    if (event.type === "storage" && event.key !== null && event.key !== "napkin-guesses") return;
    if (shown === null) return;
    if (napkinGuessRecord().size) paintRecord();
    else {
      ask();
      onGuess(null);
    }
  };
  for (const type of ["napkin-guesses", "storage"]) globalThis.addEventListener(type, heard, { signal: listening.signal });

  // Who has been here before finds the guess again, beside the answer as the book has it today.
  const record = napkinGuessRecord();
  const before = record.get(spec.name);
  ask();
  if (before) {
    if (before.answer !== spec.answer) napkinGuessWrite(record.set(spec.name, { ...before, answer: spec.answer }));
    reveal(before.guess);
  }
  return {
    guess: before ? before.guess : null,
    set(value) {
      if (value === shown) return;
      if (value === null) ask();
      else reveal(value, napkinGuessRecord().get(spec.name));
    },
    stop: () => listening.abort(),
  };
}

// In Jupyter the kernel shares the guess: it hears of it, and may set it.
function napkinGuessWidget(model, el) {
  const spec = model.get("_spec");
  const section = napkinGuessMake(el, "section", "", "", { class: "napkin-guess", "aria-label": `Guess first: ${spec.question}` });
  napkinGuessMake(section, "p", "kicker", "Guess first");
  napkinGuessMake(section, "p", "question", spec.question);
  const view = napkinGuessHydrate(section, spec, send);
  function send(guess) {
    model.set("guess", guess);
    model.save_changes();
  }
  const follow = () => view.set(model.get("guess"));
  if (model.get("guess") !== null) follow();
  else if (view.guess !== null) send(view.guess);
  model.on("change:guess", follow);
  return () => {
    model.off("change:guess", follow);
    view.stop();
  };
}

// On a page, cards queue up before this script runs, and come to life at once after it has.
if (typeof document !== "undefined" && !globalThis.napkinGuessReady) {
  globalThis.napkinGuessReady = true;
  const start = ([id, spec]) => {
    const section = document.getElementById(id);
    if (section) napkinGuessHydrate(section, spec);
  };
  const waiting = globalThis.napkinGuesses || [];
  globalThis.napkinGuesses = { push: start };
  waiting.forEach(start);
}
