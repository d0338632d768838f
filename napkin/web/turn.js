// Turned around: which value of one input makes a result what it should be. As `solve_for` in solve.py does it.

const NAPKIN_GRID = 2400; // points on the whole range, where a sign is looked up
const NAPKIN_NEAR = 2000; // points around a root, where whole numbers are tried

// Returns {value, out} or {refused: a sentence}. `inputs` are all others in force, `unknown` what nobody publishes.
function napkinSolve(book, inputs, unknown, free, result, target) {
  const known = book.inputs[free];
  const show = (name, value) => napkinFormatted(value, book.units[book.names[name][1]], 6);
  const at = (program, value) => program({ ...inputs, [free]: value })[result];
  const none = `no ${free} makes ${result} ${show(result, target)}`;
  const [low, high] = [Math.max(known.least, 1e-12), Math.min(known.most, 1e18)];
  const points = [];
  if (!known.positive) points.push(known.least);
  for (let i = 0; i < NAPKIN_GRID; i += 1) points.push(low * (high / low) ** (i / (NAPKIN_GRID - 1)));
  const heights = points.map((point) => at(book.smooth, point));
  const finite = heights.filter(Number.isFinite);
  if (!finite.length) {
    const why = Object.entries(unknown).find(([name]) => name !== free);
    return { refused: why ? `${result} cannot be told: ${why[1]}.` : `${none}: nothing fits for any of them.` };
  }
  const off = heights.map((height) => height / target - 1);
  const met = off.map((one) => Math.abs(one) < 1e-12);
  if (met.some((one, i) => one && met[i + 1])) return { refused: `${result} is ${show(result, target)} for more than one ${free}: it does not depend on it there.` };
  const roots = points.filter((_, i) => met[i]);
  for (let i = 0; i + 1 < points.length; i += 1) {
    if (!(off[i] * off[i + 1] < 0) || met[i] || met[i + 1]) continue;
    const root = napkinRoot((x) => at(book.smooth, x) / target - 1, points[i], points[i + 1]);
    if (root !== undefined) roots.push(root);
  }
  if (!roots.length) return { refused: `${none}: it stays between ${show(result, Math.min(...finite))} and ${show(result, Math.max(...finite))}.` };
  if (roots.length > 1) return { refused: `More than one ${free} makes ${result} ${show(result, target)}: ${roots.map((one) => show(free, one)).join(" and ")}.` };
  return napkinWhole(book, (value) => at(book.compute, value), known, free, result, target, roots[0], show, none, inputs);
}

// The value next to a root at which the true result, with its whole numbers, is the target; else the nearest allowed one.
function napkinWhole(book, at, known, free, result, target, root, show, none, inputs) {
  let near = Array.from({ length: NAPKIN_NEAR }, (_, i) => root * (0.9 + (0.2 * i) / (NAPKIN_NEAR - 1)));
  near.push(root);
  if (known.whole) near = [...new Set(near.flatMap((one) => [Math.floor(one), Math.ceil(one)]))];
  near = near.filter((one) => one >= known.least && one <= known.most && (one > 0 || !known.positive)).sort((a, b) => a - b);
  const true_ = near.map(at);
  const candidates = near.map((value, i) => [value, true_[i]]);
  if (!known.whole) {
    for (let i = 0; i + 1 < near.length; i += 1) {
      if (!((true_[i] - target) * (true_[i + 1] - target) < 0)) continue;
      const found = napkinRoot((x) => at(x) / target - 1, near[i], near[i + 1]);
      if (found !== undefined) candidates.push([found, target]);
    }
  }
  const closest = (all) => all.reduce((best, one) => (Math.abs(one[0] - root) < Math.abs(best[0] - root) ? one : best))[0];
  const exact = candidates.filter(([, height]) => Math.abs(height / target - 1) < 1e-9);
  if (!exact.length && book.wholes.includes(result)) {
    const ends = [Math.max(...true_.filter((one) => one < target)), Math.min(...true_.filter((one) => one > target))].filter(Number.isFinite);
    return { refused: `${none}: it jumps from ${ends.map((one) => show(result, one)).join(" to ")}.` };
  }
  if (!near.length) return { refused: `${none}.` };
  const value = closest(exact.length ? exact : candidates);
  const out = book.compute({ ...inputs, [free]: value });
  return Number.isFinite(out[result]) ? { value, out } : { refused: `${none}: nothing fits there.` };
}

// The root between two points with different signs, by halving; undefined where the function jumps over 0 there.
function napkinRoot(off, low, high) {
  const sign = Math.sign(off(low));
  for (let i = 0; i < 200 && high - low > 2e-16 * high; i += 1) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (Math.sign(off(middle)) === sign) low = middle;
    else high = middle;
  }
  const best = Math.abs(off(low)) < Math.abs(off(high)) ? low : high;
  return Math.abs(off(best)) < 1e-9 ? best : undefined;
}

function napkinTurn() {
  for (const figure of document.querySelectorAll("figure.napkin-turn")) napkinTurnAround(figure, JSON.parse(figure.dataset.turn));
}

function napkinTurnAround(figure, spec) {
  const store = napkinStore;
  const { book } = store;
  const everything = new Set(Object.keys(book.names));
  const find = (selector) => figure.querySelector(selector);
  const [result, free, typed, put] = ["[name=wanted]", "[name=free]", "[name=target]", ".napkin-put"].map(find);
  const [answer, then, refused, unit, still] = [".napkin-answer", ".napkin-turn-then", ".napkin-turn-refused", ".napkin-turn-unit", ".napkin-turn-still"].map(find);
  let target = spec.target;
  let found = {};
  figure.classList.add("is-live");
  for (const one of [result, free, typed, put]) one.disabled = false;

  function shownIn(name) {
    return spec.shown[name];
  }
  function solve() {
    const { inputs, unknown } = napkinResolve(book, store.scenario, { ...book.start, ...spec.at }, everything);
    found = napkinSolve(book, inputs, unknown, free.value, result.value, target);
    const shown = (name, value) => napkinFormatted(value, book.units[book.names[name][1]], 5);
    const label = (name) => book.names[name][0];
    still.textContent = `For ${label(result.value)} to be ${shown(result.value, target)}:`;
    napkinSay(answer, found.refused ? "" : `${label(free.value)}: ${shown(free.value, found.value)}`);
    then.textContent = found.refused ? "" : `It then comes to ${spec.told.filter((name) => Number.isFinite(found.out[name])).map((name) => `${shown(name, found.out[name])}${napkinPer(book, name)}`).join(", ")}.`;
    if (refused.textContent !== (found.refused || "")) refused.textContent = found.refused || "";
    if (found.refused) delete answer.dataset.value;
    else answer.dataset.value = String(found.value);
    put.disabled = Boolean(found.refused) || !napkinAllowed(book.inputs[free.value], found.value);
  }
  function take() {
    const given = napkinTyped(typed.value, { shown: shownIn(result.value) });
    if (!(given > 0 && Number.isFinite(given))) {
      refused.textContent = `${result.value} must be a number above 0, got “${typed.value.trim().slice(0, 40)}”`;
      typed.value = napkinShownPlain(target, { shown: shownIn(result.value) });
      return;
    }
    target = given;
    solve();
  }
  typed.addEventListener("change", take);
  free.addEventListener("change", solve);
  result.addEventListener("change", () => {
    // what the result comes to now is a target that can be reached
    const { inputs } = napkinResolve(book, store.scenario, { ...book.start, ...spec.at }, everything);
    const now = book.compute(inputs)[result.value];
    target = Number.isFinite(now) ? Number(now.toPrecision(3)) : 1;
    typed.value = napkinShownPlain(target, { shown: shownIn(result.value) });
    unit.textContent = shownIn(result.value)[1];
    solve();
  });
  put.addEventListener("click", () => store.change({ [free.value]: found.value }));
  let last = "";
  let waiting;
  store.listen(() => {
    const now = napkinLink(book, store.scenario);
    clearTimeout(waiting);
    if (last === "") solve();
    else if (now !== last) waiting = setTimeout(solve, 80); // thousands of evaluations can wait until a slider rests
    last = now;
  });
}

// What a number is counted by, where the number does not say it: " a user-month".
const napkinPer = (book, name) => book.units[book.names[name][1]][3] || "";

// What matters most: elasticities of a result, the largest first, as `sensitivity` in sensitivities.py has them.
function napkinElasticities(book, inputs, given, result) {
  const found = [];
  const v = { ...inputs };
  const now = book.smooth(v)[result];
  if (!Number.isFinite(now)) return found;
  const step = 1e-4;
  for (const name in inputs) {
    const known = book.inputs[name];
    // a switch that nobody has turned on is no guess of the reader's
    if (!(inputs[name] > 0) || known.choices || book.layout.includes(name) || (name in book.neutral && !(name in given))) continue;
    v[name] = inputs[name] * Math.exp(step);
    const more = book.smooth(v)[result];
    v[name] = inputs[name] * Math.exp(-step);
    const less = book.smooth(v)[result];
    v[name] = inputs[name];
    const slope = Math.log(more / less) / (2 * step);
    if (Math.abs(slope) > 1e-7) found.push([name, slope]);
  }
  return found.sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
}

function napkinRanking() {
  const store = napkinStore;
  const { book } = store;
  const everything = new Set(Object.keys(book.names));
  for (const list of document.querySelectorAll(".napkin-ranking")) {
    const { result, at, most } = JSON.parse(list.dataset.ranking);
    const rows = [...list.querySelectorAll("li")];
    const make = (tag, parent, className) => Object.assign(parent.appendChild(document.createElement(tag)), { className });
    store.listen(() => {
      const { inputs } = napkinResolve(book, store.scenario, { ...book.start, ...at }, everything);
      const found = napkinElasticities(book, inputs, store.scenario.given, result).slice(0, most);
      const largest = found.length ? Math.abs(found[0][1]) : 1;
      while (rows.length < found.length) {
        const row = list.appendChild(document.createElement("li"));
        make("span", row, "napkin-ranked");
        make("span", row, "napkin-ranking-bar");
        make("span", row, "napkin-ranking-number");
        rows.push(row);
      }
      rows.forEach((row, i) => {
        row.hidden = i >= found.length;
        if (row.hidden) return;
        const [name, slope] = found[i];
        row.querySelector(".napkin-ranked").textContent = book.names[name][0];
        row.querySelector(".napkin-ranking-bar").style.setProperty("--napkin-share", String(Math.abs(slope) / largest));
        row.classList.toggle("is-less", slope < 0);
        row.dataset.name = name;
        row.dataset.value = String(slope);
        napkinSay(row.querySelector(".napkin-ranking-number"), `${napkinFormatted(Math.abs(slope), book.units["1"], 3)} % ${slope > 0 ? "more" : "less"}`);
      });
    });
  }
}
