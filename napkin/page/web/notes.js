// What a reader should know about the numbers in front of them, and what can be done about it.
import { make } from "./page.js";
import { rateFor } from "./scenario.js";

const told = new WeakMap(); // a scenario never changes: its notes are found once

// What is to be known of a scenario: [{ text, name, changes, offer }]: it concerns whoever reads the input `name`; `changes`
// do what is on `offer`; what is told only where something has no value is `ifFailed`.
export function notesOf(book, scenario) {
  if (told.has(scenario)) return told.get(scenario);
  const now = scenario.case();
  const notes = [];
  const limit = book.models[scenario.model]?.context;
  if (limit && now.inputs.context > limit) notes.push({ name: "context", text: `This context is beyond the ${now.show("context", limit)} that ${scenario.model} was made for.` });
  const gpu = book.gpus[scenario.gpu];
  const bits = scenario.given.weight_bits ?? book.models[scenario.model]?.multiplied ?? now.number("weight_bits");
  const done = gpu && !("peak_flops" in scenario.given) && rateFor(gpu, bits);
  if (done && done !== bits) {
    notes.push({ name: "peak_flops", text: `${bits in book.rates ? `No ${book.rates[bits]} rate is published for the ${scenario.gpu}` : `No GPU multiplies ${bits} bits`}: it multiplies at its ${book.rates[done]} rate.` });
  }
  const gpus = gpusThatHold(book, scenario);
  if (gpus) {
    notes.push({ name: "tensor_parallel", ifFailed: true, text: `One GPU does not hold it, ${gpus} do (chapter 10).`, changes: { tensor_parallel: gpus }, offer: `share it among ${gpus}` });
  }
  told.set(scenario, notes);
  return notes;
}

// A note as a list of nodes; `change` is told of what is taken.
export function noteText({ text, changes, offer }, change) {
  return changes ? [`${text} `, make("button", { type: "button", className: "napkin-drop", textContent: offer, onclick: () => change(changes) })] : [text];
}

// How many GPUs would hold what does not fit on one, 2 to 64; undefined where it fits, or nothing holds it.
function gpusThatHold(book, scenario) {
  if (book.layout.some((name) => (scenario.given[name] ?? 1) !== 1)) return undefined;
  const holds = (gpus) => scenario.with({ tensor_parallel: gpus }).case().number("sequences_that_fit") >= 1;
  return holds(1) ? undefined : [2, 4, 8, 16, 32, 64].find(holds);
}

// What is to be known at one figure: what else is set that it follows, where it starts otherwise than the scenario, and the notes
// that concern it. `inputs` are in force there; `failed`: a result has no value.
export function notesAt(store, { start, controls, chart }, takes, inputs, failed) {
  const { book, scenario, kept } = store;
  const now = scenario.case();
  const reads = (name) => name in start || takes.has(name);
  const moves = (name) => controls.some((control) => control.name === name);
  const notes = [];
  const named = ["model", "gpu"].filter((kind) => scenario[kind] && !moves(kind) && factsOf(book, scenario, kind).some(reads));
  const others = scenario.numbers().map(([name]) => name).filter((name) => reads(name) && !moves(name) && inputs[name] === scenario.given[name]);
  if (named.length + others.length) {
    const list = [...named.map((kind) => scenario[kind]), ...others.map((name) => `${now.label(name)} ${now.show(name)}`)];
    notes.push({ text: `Also set: ${list.join(", ")}.`, changes: Object.fromEntries([...named.map((kind) => [kind, ""]), ...others.map((name) => [name, null])]), offer: "undo" });
  }
  const own = ["context", "duty_cycle", ...book.layout].filter((name) => name in start && !(name in scenario.given) && start[name] !== book.start[name]);
  if (own.length) {
    const list = own.map((name) => `${now.label(name)} ${now.show(name, start[name])} here, ${now.show(name, book.start[name])} in the bar`);
    notes.push({ text: `${own.some(moves) ? "Until you move it" : "This figure has its own"}: ${list.join("; ")}.`, changes: Object.fromEntries(own.map((name) => [name, book.start[name]])), offer: "as in the bar" });
  }
  if (!("batch" in scenario.given) && inputs.batch < start.batch) {
    notes.push({ text: `The batch is ${now.show("batch", inputs.batch)} here: there is no room for the figure’s own ${now.show("batch", start.batch)}.` });
  }
  if (!scenario.model && !("parameters" in scenario.given) && "parameters" in start && start.parameters !== book.start.parameters) {
    notes.push({ text: "The model here is the figure’s own, until you choose one." });
  }
  notes.push(...notesOf(book, scenario).filter(({ name, ifFailed }) => reads(name) && (!ifFailed || failed)));
  const decided = scenario.model && inputs.count_caches ? controls.filter(({ name }) => shape.includes(name)) : [];
  if (decided.length) {
    const list = decided.map(({ name }) => now.label(name)).join(", ");
    notes.push({ text: `${scenario.model} decides its own caches: ${list} here change${decided.length > 1 ? "" : "s"} nothing of them.`, changes: { model: "" }, offer: "numbers instead of a model" });
  }
  if (kept && chart) notes.push({ text: "Dashed: scenario A." });
  return notes;
}

// What a cache follows from where no model brings its own.
const shape = ["n_layers", "n_kv_heads", "head_dim"];
const factsOf = (book, scenario, kind) => (kind === "gpu" ? book.gpuFacts : Object.keys(book.models[scenario.model].inputs));
