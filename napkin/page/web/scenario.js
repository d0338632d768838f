// What the reader sets, without the page: what it makes of a playground's inputs, and how it is written as a link, as
// Python and as a command line. The twin of Scenario in scenario.py.
import { Case } from "./answers.js";

export const LONGEST_LINK = 8000; // characters; what is longer is no link of ours
const ANYTHING = { has: () => true };

// `model` and `gpu` are names of the catalogue or "", `given` are inputs by name. `book` holds what the book knows:
// inputs, models, gpus, flags, layout, start.
export class Scenario {
  #book;

  constructor(book, { model = "", gpu = "", given = {} } = {}) {
    this.#book = book;
    Object.assign(this, { model, gpu, given: { ...given } });
  }

  // After some changes: {input: number, or null for "as before"}, {model: name}, {gpu: name}. A name brings its own
  // facts, so what was given of them goes; a rate that was given follows the precision it was given for. `start` and
  // `takes` are those of the page on which it is changed.
  with(changes, start = this.#book.start, takes = ANYTHING) {
    const book = this.#book;
    const next = new Scenario(book, this);
    const before = this.resolve(start, takes).inputs;
    const inputs = { ...changes };
    for (const name of ["model", "gpu"].filter((one) => one in changes)) {
      next[name] = changes[name] || "";
      const facts = name === "gpu" ? book.gpuFacts : next.model ? Object.keys(book.models[next.model].inputs) : book.article;
      for (const fact of facts) delete next.given[fact];
      delete inputs[name];
    }
    for (const [name, value] of Object.entries(inputs)) {
      delete next.given[name];
      if (value === null) continue;
      for (const [follower, followed] of book.follows) {
        if (followed === name && follower in next.given && !(follower in inputs)) next.given[follower] *= (before[name] ?? book.start[name]) / value;
      }
      next.given[name] = value;
    }
    // Of two that go together on this page alone (so many of its experts a token) both are set, or neither.
    for (const [name, other, rule] of book.together) {
      if (!(name in inputs || other in inputs) || !apart(next.#put(book.start, ANYTHING).inputs, name, other, rule)) continue;
      for (const one of [name, other]) {
        if (inputs[name] === null || inputs[other] === null) delete next.given[one];
        else if (one in before) next.given[one] ??= before[one];
      }
    }
    return next;
  }

  // The inputs that it puts in place of `start`; `takes` names further inputs that may come in. Facts that nobody
  // publishes are NaN, with the reason in `unknown`.
  resolve(start, takes) {
    const { inputs, unknown } = this.#put(start, takes);
    // What does not go together here (experts of one playground's model, heads of another's) stays as it was.
    for (const [name, other, rule] of this.#book.together) {
      const met = [name, other].filter((one) => one in inputs || (takes.has(one) && one in this.#book.start));
      if (!apart(Object.fromEntries(met.map((one) => [one, inputs[one] ?? this.#book.start[one]])), name, other, rule)) continue;
      for (const one of [name, other]) {
        if (one in start) inputs[one] = start[one];
        else delete inputs[one];
      }
    }
    return { inputs, unknown };
  }
  #put(start, takes) {
    const book = this.#book;
    const { given } = this;
    const inputs = { ...start };
    const unknown = {};
    const put = (name, value) => {
      if (name in inputs || takes.has(name)) inputs[name] = value;
    };
    const model = book.models[this.model];
    const gpu = book.gpus[this.gpu];
    if (model || gpu) for (const flag of book.flags) put(flag, 1);
    if (model) for (const name in model.inputs) put(name, model.inputs[name]);
    for (const name in given) put(name, given[name]);
    if (inputs.count_reserve) for (const name in book.server) if (!(name in given)) put(name, book.server[name]);
    if (gpu) for (const name in gpu.brought) if (!(name in given)) put(name, gpu.brought[name]);
    if (gpu?.plain && !("packed_kv_bytes" in given)) put("packed_kv_bytes", 0);
    if ("weight_bits" in given) {
      // bits that are given are those of all weights but the experts, without scales
      for (const [name, value] of [["weight_scale_bits", 0], ["lookup_bits", given.weight_bits]]) if (name in inputs && !(name in given)) inputs[name] = value;
    }
    const bits = given.weight_bits ?? model?.multiplied ?? model?.inputs.weight_bits ?? start.weight_bits ?? book.start.weight_bits;
    const publish = (name, value, what) => {
      if (name in given || !(name in inputs || takes.has(name))) return;
      inputs[name] = value ?? NaN;
      if (value === undefined) unknown[name] = `no ${what} is published for the ${this.gpu}`;
    };
    if (gpu) {
      publish("memory", gpu.memory, "memory size");
      for (const name in book.gpuPrices) publish(name, gpu.prices[name], book.gpuPrices[name]);
      publish("bandwidth", gpu.bandwidth, "memory bandwidth");
      publish("peak_flops", gpu.rates[rateFor(gpu, bits)], `${book.rates[bits] ?? `${bits}-bit`} rate`);
      if (!("peak_flops" in given)) publish("attention_peak_flops", gpu.rates[16], `${book.rates[16]} rate`);
      if (book.layout.some((name) => (inputs[name] ?? 1) !== 1)) publish("link_bandwidth", gpu.link_bandwidth, "link bandwidth");
    } else if (!("peak_flops" in given) && "peak_flops" in inputs) {
      inputs.peak_flops = (start.peak_flops * (start.weight_bits ?? book.start.weight_bits)) / bits;
    }
    return { inputs, unknown };
  }
  // What the whole book makes of it, from its own start and, where a text starts elsewhere, from that.
  case(at = {}) {
    const { inputs, unknown } = this.resolve({ ...this.#book.start, ...at }, ANYTHING);
    return new Case(this.#book, inputs, unknown);
  }

  // What is counted: "all", "article", or the short names of the flags that are on.
  get count() {
    const { inputs } = this.resolve({}, new Set(this.#book.flags));
    const on = this.#book.flags.filter((flag) => inputs[flag]);
    if (on.length === this.#book.flags.length) return "all";
    return on.length ? on.map((flag) => flag.slice("count_".length)) : "article";
  }
  // What is counted where nobody says so.
  get implied() {
    return this.model || this.gpu ? "all" : "article";
  }
  // [name, number] of what is given, in the order of the notation, what is counted apart.
  numbers(given = this.given) {
    return Object.keys(this.#book.inputs).filter((name) => name in given && !this.#book.flags.includes(name)).map((name) => [name, given[name]]);
  }
  // The inputs of a call that gives the same numbers: those of the reader, and the book's own where they differ from the defaults.
  get #arguments() {
    return this.numbers({ ...this.#book.chat, ...this.given });
  }

  get link() {
    const parts = [];
    const spelled = (text) => encodeURIComponent(text).replaceAll("%20", "+").replaceAll("%2C", ",");
    for (const name of ["model", "gpu"]) if (this[name]) parts.push(`${name}=${spelled(this[name])}`);
    for (const [name, value] of this.numbers()) parts.push(`${name}=${value}`);
    const flags = this.#book.flags.filter((flag) => flag in this.given);
    if (flags.length && flags.length < this.#book.flags.length) parts.push(...flags.map((flag) => `${flag}=${this.given[flag]}`)); // the others are as each page has them
    else if (String(this.count) !== this.implied || !parts.length) parts.push(`count=${spelled(String(this.count))}`);
    return parts.join("&");
  }
  get python() {
    const quoted = (text) => JSON.stringify(text);
    const { model, gpu, count } = this;
    const parts = [];
    if (model) parts.push(quoted(model));
    if (gpu) parts.push(model ? quoted(gpu) : `gpu=${quoted(gpu)}`);
    for (const [name, value] of this.#arguments) parts.push(`${name}=${value}`);
    if (count !== "all") parts.push(`count=${Array.isArray(count) ? `[${count.map(quoted).join(", ")}]` : quoted(count)}`);
    return `napkin.estimate(${parts.join(", ")})`;
  }
  get command() {
    const quoted = (text) => (/^[\w.,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
    const parts = ["python -m napkin"];
    for (const name of ["model", "gpu"]) if (this[name]) parts.push(`--${name} ${quoted(this[name])}`);
    for (const [name, value] of this.#arguments) parts.push(`--${name.replaceAll("_", "-")} ${value}`);
    if (this.count !== "all") parts.push(`--count ${quoted(String(this.count))}`);
    return parts.join(" ");
  }

  // Reads "model=Qwen3-32B&context=20000". Nothing of the text gets further than known names and numbers: what is not
  // understood is counted in `ignored` and dropped. Returns null where the text holds no scenario at all.
  static fromLink(book, text) {
    if (!text.includes("=")) return null;
    if (text.length > LONGEST_LINK) return { scenario: null, ignored: 1 };
    const next = new Scenario(book);
    let ignored = 0;
    let gpus = [];
    for (const part of text.split("&").filter(Boolean)) {
      const [name, value, ...more] = part.split("=").map(decoded);
      if (name === "n_gpus" && !more.length) gpus = [value];
      else if (!next.#take(name, value, ...more)) ignored += 1;
    }
    if (!gpus.every((number) => next.#share(number))) ignored += 1;
    for (const [name, other, rule] of book.together) {
      if (!apart(next.#put(book.start, new Set()).inputs, name, other, rule)) continue;
      delete next.given[name];
      delete next.given[other];
      ignored += 1;
    }
    // Flags that say what goes without saying are left out: everything is counted for a named model or GPU, nothing else.
    const implied = next.implied === "all" ? 1 : 0;
    if (book.flags.every((flag) => next.given[flag] === implied)) for (const flag of book.flags) delete next.given[flag];
    const kept = next.model || next.gpu || Object.keys(next.given).length || /(^|&)count=article(&|$)/.test(text);
    return { scenario: kept ? next : null, ignored };
  }
  // Lays out so many GPUs where it is not said which share what, as `layout` in scenario.py; false where they cannot be.
  #share(number) {
    const { layout, inputs } = this.#book;
    const taken = layout.reduce((product, name) => product * (this.given[name] ?? 1), 1);
    const free = layout.filter((name) => !(name in this.given));
    const rest = Number(number) / taken;
    if (!/^[1-9]\d{0,4}$/.test(number) || !Number.isInteger(rest) || (!free.length && rest > 1)) return false;
    const tensor = free.includes("tensor_parallel") ? common(rest, this.#put(this.#book.start, ANYTHING).inputs.n_heads) : 1;
    const shares = { tensor_parallel: tensor, [free.includes("pipeline_parallel") ? "pipeline_parallel" : "expert_parallel"]: rest / tensor };
    if (!Object.entries(shares).every(([name, value]) => value === 1 || (free.includes(name) && allowed(inputs[name], value)))) return false;
    for (const [name, value] of Object.entries(shares)) if (value > 1) this.given[name] = value;
    return true;
  }
  // Takes in one part of a link; false where it is not understood.
  #take(name, value, more) {
    const book = this.#book;
    if (value === undefined || more !== undefined) return false;
    if (name === "model" || name === "gpu") {
      const found = named(book[`${name}s`], value);
      if (found) this[name] = found;
      return found !== undefined;
    }
    if (name === "count") {
      const flags = value === "all" ? book.flags : value === "article" ? [] : value.split(",").map((one) => `count_${one}`);
      if (!flags.every((flag) => book.flags.includes(flag))) return false;
      for (const flag of book.flags) this.given[flag] = flags.includes(flag) ? 1 : 0;
      return true;
    }
    // digits, a point, an exponent: "1e5" is a number here, "0x10", " 7 " and "Infinity" are not
    if (!Object.hasOwn(book.inputs, name) || !/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value)) return false;
    if (!allowed(book.inputs[name], Number(value))) return false;
    this.given[name] = Number(value);
    return true;
  }
}

// The sentence about two inputs that do not go together; empty where all do. `label(name)` and `show(name, value)` write them.
export function mismatch(inputs, together, label, show) {
  const [name, other, rule] = together.find((one) => apart(inputs, ...one)) || [];
  if (!name) return "";
  return `${label(name)} must be ${rule} ${label(other)}, got ${label(name)} ${show(name, inputs[name])} and ${label(other)} ${show(other, inputs[other])}`;
}

// The precision in which a GPU multiplies what is stored in so many bits: that one if its rate is published, else 16 bits or more.
export const rateFor = (gpu, bits) => [bits, 16, 32].find((one) => one >= bits && one in gpu.rates) ?? bits;

// Whether two inputs do not go together.
export function apart(inputs, name, other, rule) {
  if (!(name in inputs && other in inputs)) return false;
  const [a, b] = [inputs[name], inputs[other]];
  return rule === "at most" ? a > b : a % b !== 0;
}

// Whether an input may have this value in a link: the limits of its slider, whole numbers, the choices of a list.
export function allowed(known, value) {
  if (!Number.isFinite(value)) return false;
  if (known.choices && !known.between) return known.choices.includes(value);
  return value >= known.low && value <= known.high && (!known.whole || value === Math.floor(value));
}

const common = (a, b) => (b ? common(b, a % b) : a); // the greatest common divisor

const plain = (name) => name.toLowerCase().replace(/[\s_-]+/g, "");

// The name in the catalogue for one in a link: case, spaces, dashes and underscores do not matter.
function named(entries, text) {
  const same = (name) => plain(name) === plain(text);
  const found = Object.keys(entries).filter((name) => same(name) || entries[name].aliases.some(same));
  return found.length === 1 ? found[0] : undefined;
}

// A part of a link as it was written; nothing where it is none.
export function decoded(text) {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return "";
  }
}
