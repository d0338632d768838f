// Text that computes: sentences, arithmetic and tables follow the scenario in place.

function napkinLive() {
  const store = napkinStore;
  const { book } = store;
  const everything = new Set(Object.keys(book.names).concat("as_the_article"));
  const places = [...document.querySelectorAll("[data-tell]")].map((element) => ({ element, told: JSON.parse(element.dataset.tell) }));
  const sums = [...document.querySelectorAll("[data-sum]")].map((element) => ({ element, ...JSON.parse(element.dataset.sum) }));
  if (!places.length && !sums.length) return;
  const blocks = new Map();
  const cells = [];
  for (const one of places) {
    const block = one.element.closest("td") ? null : one.element.closest("p, li");
    if (block) blocks.set(block, [...(blocks.get(block) || []), one]);
    else cells.push(one);
  }
  const found = new Map();

  // What a name comes to in the scenario, where `at` is what the sentence starts from and `pins` what holds in any case.
  function runner(at) {
    const key = JSON.stringify(at);
    if (!found.has(key)) {
      const { inputs, unknown } = napkinResolve(book, store.here(), { ...book.start, ...book.plain, ...at }, everything);
      const out = book.compute(inputs);
      found.set(key, {
        inputs,
        out,
        unknown,
        of: (name, pins) => {
          if (pins) return pinned(inputs, name, pins).value;
          return name in out ? out[name] : inputs[name];
        },
      });
    }
    return found.get(key);
  }
  function pinned(inputs, name, pins) {
    const given = { ...inputs, ...pins };
    if ("weight_bits" in pins && !("peak_flops" in pins)) given.peak_flops = (inputs.peak_flops * inputs.weight_bits) / pins.weight_bits;
    const out = book.compute(given);
    return { given, out, value: name in pins ? pins[name] : (out[name] ?? given[name]) };
  }
  // Why there is no number: the reason of the first name that has none.
  function why(node, run) {
    if (typeof node === "string") return Number.isFinite(run.of(node)) ? "" : napkinReason(book, node, run.out, run.inputs, run.unknown);
    if (!Array.isArray(node)) return "";
    if (node[0] !== "at") return why(node[1], run) || why(node[2], run);
    const { given, out, value } = pinned(run.inputs, node[1], node[2]);
    return Number.isFinite(value) ? "" : napkinReason(book, node[1], out, given, run.unknown);
  }
  function words([node, unit, digits, style], run) {
    const value = napkinWorth(node, run.of);
    return Number.isFinite(value) ? napkinWritten(value, unit, digits, style, book.units) : "";
  }
  // In a table the reason stands where the number would; a sentence has dashes, and the reason once, at its end.
  function tell(block, fields) {
    let reason = "";
    for (const { element, told } of fields) {
      const run = runner(told[4]);
      const text = words(told, run);
      const because = text ? "" : why(told[0], run) || "no number";
      reason ||= because;
      napkinSay(element, text || (block ? "—" : because));
    }
    if (!block) return;
    const last = block.querySelector(":scope > .napkin-why");
    if (last) napkinSay(last, reason && ` (${reason})`, true);
    else if (reason) block.append(Object.assign(document.createElement("span"), { className: "napkin-why", textContent: ` (${reason})` }));
  }

  function tellSum({ element, at, told }) {
    const run = runner(at);
    const [on, parts] = told.find(([choices]) => choices.every((switches) => switches.some((name) => napkinOn(book, name, run.inputs))));
    const failed = parts.map((part) => (typeof part === "string" ? "" : why(part[0], run))).find(Boolean);
    napkinSay(element.querySelector(".napkin-sum"), failed || parts.map((part) => (typeof part === "string" ? part : words(part, run) || "—")).join(""));
    const plain = Boolean(failed) || !on.some((switches) => !switches.includes("as_the_article"));
    napkinAttribute(element.querySelector(".napkin-note"), "hidden", plain ? "" : null);
  }

  store.listen(() => {
    found.clear();
    document.documentElement.classList.toggle("napkin-moved", store.scenario.model !== "" || store.scenario.gpu !== "" || Object.keys(store.scenario.given).length > 0);
  });
  for (const [block, fields] of blocks) store.listen(() => tell(block, fields), block);
  for (const one of cells) store.listen(() => tell(null, [one]), one.element);
  for (const one of sums) store.listen(() => tellSum(one), one.element);
}

const napkinOn = (book, name, inputs) => (inputs[name] ?? book.neutral[name] ?? 0) !== (book.neutral[name] ?? 0);

// Why a result has no value, as its guard says it.
function napkinReason(book, name, out, inputs, unknown) {
  const told = Object.values(unknown)[0];
  if (told) return told;
  const guard = (book.needs[name] || []).find((one) => !(out[one] > 0));
  if (!guard) return "beyond what a number can hold";
  const sentence = napkinChosenWords(book.reasons[guard], inputs, book.neutral);
  return sentence.replace(/\{(\w+)\}/g, (_, one) => napkinShow(book, one, out[one] ?? inputs[one]));
}

// A quantity of the book as people read it.
function napkinShow(book, name, value) {
  const [, unit, digits] = book.names[name];
  return napkinFormatted(value, book.units[unit], digits);
}
