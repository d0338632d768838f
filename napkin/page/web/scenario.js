// The reader's scenario, without the page: what it makes of a playground's inputs, and how it is written as a link, as
// Python and as a command line. A scenario is {model, gpu: names of the catalogue or "", given: {input: number}}.
// `book` holds what the book knows: inputs, models, gpus, flags, layout, start.

const napkinNothing = () => ({ model: "", gpu: "", given: {} });

// The inputs that a scenario puts in place of `start`, as `estimate` in estimate.py resolves them; `takes` names further
// inputs that may come in. Facts that nobody publishes are NaN, with the reason in `unknown`.
function napkinResolve(book, scenario, start, takes) {
  const { inputs, unknown } = napkinPut(book, scenario, start, takes);
  // What does not go together here (experts of one playground's model, heads of another's) stays as it was.
  for (const [name, other, rule] of book.together) {
    const pair = Object.fromEntries([name, other].filter((one) => one in inputs || (takes.has(one) && one in book.start)).map((one) => [one, inputs[one] ?? book.start[one]]));
    if (!napkinApart(pair, name, other, rule)) continue;
    for (const one of [name, other]) {
      if (one in start) inputs[one] = start[one];
      else delete inputs[one];
    }
  }
  return { inputs, unknown };
}

function napkinPut(book, scenario, start, takes) {
  const inputs = { ...start };
  const unknown = {};
  const put = (name, value) => {
    if (name in inputs || takes.has(name)) inputs[name] = value;
  };
  const model = book.models[scenario.model];
  const gpu = book.gpus[scenario.gpu];
  const { given } = scenario;
  if (model || gpu) for (const flag of book.flags) put(flag, 1);
  if (model) for (const name in model.inputs) put(name, model.inputs[name]);
  for (const name in given) put(name, given[name]);
  const bits = given.weight_bits ?? model?.inputs.weight_bits ?? start.weight_bits ?? book.start.weight_bits;
  const publish = (name, value, what) => {
    if (name in given || !(name in inputs || takes.has(name))) return;
    inputs[name] = value ?? NaN;
    if (value === undefined) unknown[name] = `no ${what} is published for the ${scenario.gpu}`;
  };
  if (gpu) {
    publish("memory", gpu.memory, "memory size");
    publish("bandwidth", gpu.bandwidth, "memory bandwidth");
    publish("peak_flops", gpu.rates[bits], `${book.rates[bits]} rate`);
    if (!("peak_flops" in given)) publish("attention_peak_flops", gpu.rates[16], `${book.rates[16]} rate`);
    if (book.layout.some((name) => (inputs[name] ?? 1) !== 1)) publish("link_bandwidth", gpu.link_bandwidth, "link bandwidth");
  } else if (!("peak_flops" in given) && "peak_flops" in inputs) {
    inputs.peak_flops = (start.peak_flops * (start.weight_bits ?? book.start.weight_bits)) / bits;
  }
  return { inputs, unknown };
}

function napkinApart(inputs, name, other, rule) {
  if (!(name in inputs && other in inputs)) return false;
  const [a, b] = [inputs[name], inputs[other]];
  return rule === "at most" ? a > b : a % b !== 0;
}

// The sentence about two inputs that do not go together; empty where all do.
function napkinTogether(inputs, pairs) {
  for (const [name, other, rule] of pairs) {
    if (napkinApart(inputs, name, other, rule)) return `${name} must be ${rule} ${other}, got ${name} ${inputs[name]} and ${other} ${inputs[other]}`;
  }
  return "";
}

// A scenario after some changes: {input: number, or null for "as before"}, {model: name}, {gpu: name}. A name brings its
// own facts, so what was given of them goes; a rate that was given follows the precision it was given for.
function napkinChanged(book, scenario, changes) {
  const next = { ...scenario, given: { ...scenario.given } };
  for (const [name, value] of Object.entries(changes)) {
    if (name === "model" || name === "gpu") {
      next[name] = value || "";
      const facts = name === "model" ? Object.keys(book.models[value]?.inputs || book.article) : book.gpuFacts;
      for (const fact of facts) delete next.given[fact];
    } else if (value === null || value === undefined) {
      delete next.given[name];
    } else {
      for (const [follower, followed] of book.follows) {
        if (followed !== name || !(follower in next.given)) continue;
        next.given[follower] *= (scenario.given[name] ?? book.start[name]) / value;
      }
      next.given[name] = value;
    }
  }
  return next;
}

// Whether an input may have this value in a link: the limits of its slider, whole numbers, the choices of a list.
function napkinAllowed(known, value) {
  if (!Number.isFinite(value)) return false;
  if (known.choices) return known.choices.includes(value);
  return value >= known.low && value <= known.high && (!known.whole || value === Math.floor(value));
}

const napkinPlain = (name) => name.toLowerCase().replace(/[\s_-]+/g, "");

// The name in the catalogue for one in a link: case, spaces, dashes and underscores do not matter.
function napkinNamed(entries, text) {
  const plain = napkinPlain(text);
  const found = Object.keys(entries).filter((name) => napkinPlain(name) === plain || entries[name].aliases.some((one) => napkinPlain(one) === plain));
  return found.length === 1 ? found[0] : undefined;
}

const NAPKIN_LONGEST_LINK = 8000; // characters; what is longer is no link of ours

// Reads "model=Qwen3-32B&context=20000". Nothing of the text gets further than known names and numbers: what is not
// understood is counted in `ignored` and dropped. Returns null where the text holds no scenario at all.
function napkinParse(book, text) {
  if (!text.includes("=")) return null;
  const next = napkinNothing();
  let ignored = 0;
  if (text.length > NAPKIN_LONGEST_LINK) return { scenario: null, ignored: 1 };
  for (const part of text.split("&")) {
    if (part === "") continue;
    const [name, value, more] = part.split("=").map(napkinDecoded);
    if (more !== undefined || !napkinTake(book, next, name, value)) ignored += 1;
  }
  for (const [name, other, rule] of book.together) {
    if (!napkinApart(napkinPut(book, next, book.start, new Set()).inputs, name, other, rule)) continue;
    delete next.given[name];
    delete next.given[other];
    ignored += 1;
  }
  napkinTidy(book, next);
  const kept = next.model || next.gpu || Object.keys(next.given).length || /(^|&)count=article(&|$)/.test(text);
  return { scenario: kept ? next : null, ignored };
}

function napkinDecoded(text) {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return "";
  }
}

// Puts one part of a link into a scenario; false where it is not understood.
function napkinTake(book, next, name, value) {
  if (value === undefined) return false;
  if (name === "model" || name === "gpu") {
    const found = napkinNamed(book[`${name}s`], value);
    if (found) next[name] = found;
    return found !== undefined;
  }
  if (name === "count") {
    const flags = value === "all" ? book.flags : value === "article" ? [] : value.split(",").map((one) => `count_${one}`);
    if (!flags.every((flag) => book.flags.includes(flag))) return false;
    for (const flag of book.flags) next.given[flag] = flags.includes(flag) ? 1 : 0;
    return true;
  }
  // digits, a point, an exponent: "1e5" is a number here, "0x10", " 7 " and "Infinity" are not
  if (!Object.hasOwn(book.inputs, name) || !/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value)) return false;
  if (!napkinAllowed(book.inputs[name], Number(value))) return false;
  next.given[name] = Number(value);
  return true;
}

// Flags that say what goes without saying are left out: everything is counted for a named model or GPU, nothing else.
function napkinTidy(book, scenario) {
  const implied = scenario.model || scenario.gpu ? 1 : 0;
  const flags = book.flags.filter((flag) => flag in scenario.given);
  if (flags.length === book.flags.length && flags.every((flag) => scenario.given[flag] === implied)) {
    for (const flag of flags) delete scenario.given[flag];
  }
}

// What is counted: "all", "article", or the short names of the flags that are on.
function napkinCount(book, scenario) {
  const { inputs } = napkinResolve(book, scenario, {}, new Set(book.flags));
  const on = book.flags.filter((flag) => inputs[flag]);
  if (on.length === book.flags.length) return "all";
  return on.length ? on.map((flag) => flag.slice("count_".length)) : "article";
}

// The numbers of a scenario in the order of the notation, what is counted apart.
const napkinGiven = (book, scenario) =>
  Object.keys(book.inputs).filter((name) => name in scenario.given && !book.flags.includes(name)).map((name) => [name, scenario.given[name]]);

function napkinLink(book, scenario) {
  const parts = [];
  const spelled = (text) => encodeURIComponent(text).replaceAll("%20", "+").replaceAll("%2C", ",");
  for (const name of ["model", "gpu"]) if (scenario[name]) parts.push(`${name}=${spelled(scenario[name])}`);
  for (const [name, value] of napkinGiven(book, scenario)) parts.push(`${name}=${value}`);
  const count = napkinCount(book, scenario);
  const implied = scenario.model || scenario.gpu ? "all" : "article";
  if (String(count) !== implied || !parts.length) parts.push(`count=${spelled(String(count))}`);
  return parts.join("&");
}

// The inputs of a call that gives the same numbers: those of the reader, and the book's own where they differ from the defaults.
function napkinArguments(book, scenario) {
  const all = { ...book.chat, ...scenario.given };
  return napkinGiven(book, { ...scenario, given: all });
}

function napkinPython(book, scenario) {
  const quoted = (text) => JSON.stringify(text);
  const count = napkinCount(book, scenario);
  const parts = [];
  if (scenario.model) parts.push(quoted(scenario.model));
  if (scenario.gpu) parts.push(scenario.model ? quoted(scenario.gpu) : `gpu=${quoted(scenario.gpu)}`);
  for (const [name, value] of napkinArguments(book, scenario)) parts.push(`${name}=${value}`);
  if (count !== "all") parts.push(`count=${Array.isArray(count) ? `[${count.map(quoted).join(", ")}]` : quoted(count)}`);
  return `napkin.estimate(${parts.join(", ")})`;
}

function napkinCommand(book, scenario) {
  const quoted = (text) => (/^[\w.,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  const count = napkinCount(book, scenario);
  const parts = ["python -m napkin"];
  for (const name of ["model", "gpu"]) if (scenario[name]) parts.push(`--${name} ${quoted(scenario[name])}`);
  for (const [name, value] of napkinArguments(book, scenario)) parts.push(`--${name.replaceAll("_", "-")} ${value}`);
  if (count !== "all") parts.push(`--count ${quoted(String(count))}`);
  return parts.join(" ");
}
