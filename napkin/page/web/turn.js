// Turned around: which value of one input makes a result what it should be. As `solve_for` does it, on the same grids.

const NAPKIN_GRID = 3200; // points on the whole range, where a sign is looked up
const NAPKIN_NEAR = 4000; // points around a root, where the whole numbers of a result are tried

// Returns {value, out} or {refused: a sentence}. `inputs` are all others in force, `unknown` what nobody publishes.
function napkinSolve(book, inputs, unknown, free, result, target) {
  const known = book.inputs[free];
  const at = (value) => book.compute({ ...inputs, [free]: value });
  const smooth = (value) => book.smooth({ ...inputs, [free]: value })[result];
  const show = (name, value) => napkinFormatted(value, book.units[book.names[name][1]], 6);
  const label = (name) => book.names[name][0];
  const none = `No value of ${label(free)} brings the ${label(result)} to ${show(result, target)}`;
  const solved = (value) => {
    const out = at(value);
    return Number.isFinite(out[result]) ? { value, out } : { refused: `${none}: nothing fits there.` };
  };
  const missing = Object.entries(unknown).find(([name]) => name !== free);

  const choices = napkinChoices(book, inputs, free);
  if (choices) {
    const each = choices.map((value) => [value, at(value)[result]]).filter(([, height]) => Number.isFinite(height));
    const met = each.filter(([, height]) => Math.abs(height / target - 1) < 1e-9);
    if (met.length === 1) return solved(met[0][0]);
    if (!each.length) return { refused: missing ? `It cannot be told: ${missing[1]}.` : `${none}: nothing fits for any of them.` };
    if (napkinSame(each.map(([, height]) => height))) return { refused: `The ${label(result)} does not depend on the ${label(free)} here.` };
    return { refused: `${none}. With ${each.map(([value, height]) => `${value} it is ${show(result, height)}`).join(", with ")}.` };
  }

  const [low, high] = [Math.max(known.least, 1e-12), Math.min(known.most, 1e18)];
  const points = known.positive ? [] : [known.least];
  for (let i = 0; i < NAPKIN_GRID; i += 1) points.push(low * (high / low) ** (i / (NAPKIN_GRID - 1)));
  const heights = points.map(smooth);
  const finite = heights.filter(Number.isFinite);
  if (!finite.length) return { refused: missing ? `It cannot be told: ${missing[1]}.` : `${none}: nothing fits for any of them.` };
  if (napkinSame(finite)) return { refused: `The ${label(result)} does not depend on the ${label(free)} here: it is ${show(result, finite[0])}.` };
  const off = heights.map((height) => height / target - 1);
  const met = off.map((one) => Math.abs(one) < 1e-12);
  const stretch = points.filter((_, i) => met[i]);
  if (met.some((one, i) => one && met[i + 1])) {
    return { refused: `The ${label(result)} is ${show(result, target)} for every value of ${label(free)} from ${show(free, stretch[0])} to ${show(free, stretch.at(-1))}.` };
  }
  const roots = stretch;
  for (let i = 0; i + 1 < points.length; i += 1) {
    if (!(off[i] * off[i + 1] < 0) || met[i] || met[i + 1]) continue;
    const root = napkinRoot((x) => smooth(x) / target - 1, points[i], points[i + 1]);
    if (root !== undefined) roots.push(root);
  }
  if (!roots.length) return { refused: `${none}: it stays between ${show(result, Math.min(...finite))} and ${show(result, Math.max(...finite))}.` };
  if (roots.length > 1) return { refused: `More than one value of ${label(free)} brings the ${label(result)} to ${show(result, target)}: ${roots.map((one) => show(free, one)).join(" and ")}.` };
  return napkinWhole();

  // The value next to the root at which the true result, with its whole numbers, is the target; else the nearest allowed one.
  function napkinWhole() {
    const [root] = roots;
    let near = Array.from({ length: NAPKIN_NEAR }, (_, i) => root * (0.9 + (0.2 * i) / (NAPKIN_NEAR - 1)));
    near.push(root);
    const step = inputs[book.together.find(([name, , rule]) => name === free && rule === "a multiple of")?.[1]] || 1;
    if (known.whole) near = [...new Set(near.flatMap((one) => [Math.floor(one / step) * step, Math.ceil(one / step) * step]))];
    const apart = (one) => book.together.some(([name, other, rule]) => [name, other].includes(free) && napkinApart({ ...inputs, [free]: one }, name, other, rule));
    near = near.filter((one) => one >= known.least && one <= known.most && (one > 0 || !known.positive) && !(known.whole && apart(one)));
    if (!near.length) return { refused: `${none}: none near ${show(free, root)} is allowed here.` };
    near.sort((a, b) => a - b);
    const reached = near.map((one) => at(one)[result]);
    const found = near.map((value, i) => [value, reached[i]]);
    if (!known.whole) {
      for (let i = 0; i + 1 < near.length; i += 1) {
        if (!((reached[i] - target) * (reached[i + 1] - target) < 0)) continue;
        const between = napkinRoot((x) => at(x)[result] / target - 1, near[i], near[i + 1]);
        if (between !== undefined) found.push([between, target]);
      }
    }
    const exact = found.filter(([, height]) => Math.abs(height / target - 1) < 1e-9);
    if (!exact.length && book.wholes.includes(result)) {
      const ends = [Math.max(...reached.filter((one) => one < target)), Math.min(...reached.filter((one) => one > target))].filter(Number.isFinite);
      return { refused: `${none}: it jumps from ${ends.map((one) => show(result, one)).join(" to ")}.` };
    }
    const closest = (all) => all.reduce((best, one) => (Math.abs(one[0] - root) < Math.abs(best[0] - root) ? one : best))[0];
    return solved(closest(exact.length ? exact : found));
  }
}

const napkinSame = (numbers) => Math.max(...numbers) <= Math.min(...numbers) * (1 + 1e-12);

// The values that there are to choose from: those of a list, or what divides the input that must be a multiple.
function napkinChoices(book, inputs, free) {
  const bound = book.together.find(([, other, rule]) => other === free && rule === "a multiple of");
  if (!bound) return book.inputs[free].choices;
  return Array.from({ length: inputs[bound[0]] }, (_, i) => i + 1).filter((one) => inputs[bound[0]] % one === 0);
}

// The root between two points with different signs, by halving; undefined where the function jumps over 0 there.
function napkinRoot(off, low, high) {
  const sign = Math.sign(off(low));
  for (let i = 0; i < 200; i += 1) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
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
  const find = (selector) => figure.querySelector(selector);
  const [result, free, typed, put] = ["[name=wanted]", "[name=free]", "[name=target]", ".napkin-put"].map(find);
  const [answer, then, refused, unit, still] = [".napkin-answer", ".napkin-turn-then", ".napkin-turn-refused", ".napkin-turn-unit", ".napkin-turn-still"].map(find);
  const shown = (name, value, digits = 5) => napkinFormatted(value, book.units[book.names[name][1]], digits);
  const label = (name) => book.names[name][0];
  const field = () => ({ shown: spec.shown[result.value] });
  const resolved = () => napkinResolve(book, store.scenario, { ...book.start, ...spec.at }, new Set(Object.keys(book.names)));
  let { target } = spec;
  let found = {};
  figure.classList.add("is-live");
  for (const one of [result, free, typed, put]) one.disabled = false;

  function solve() {
    const { inputs, unknown } = resolved();
    found = napkinSolve(book, inputs, unknown, free.value, result.value, target);
    napkinSay(still, `For the ${label(result.value)} to be ${shown(result.value, target)}:`, true);
    napkinSay(answer, found.refused ? "" : `${label(free.value)}: ${shown(free.value, found.value)}`);
    napkinSay(then, found.refused ? "" : follows(), true);
    napkinSay(refused, found.refused || "", true);
    napkinAttribute(answer, "data-value", found.refused ? null : String(found.value));
    put.disabled = Boolean(found.refused) || !napkinAllowed(book.inputs[free.value], found.value);
  }
  // What it comes to. Whole tokens, users and heads seldom meet a target to the cent.
  function follows() {
    const told = spec.told.filter((name) => Number.isFinite(found.out[name])).map((name) => `${shown(name, found.out[name])}${napkinPer(book, name)}`);
    const comes = found.out[result.value];
    const near = Math.abs(comes / target - 1) < 1e-9 ? "" : ` The nearest whole ${label(free.value)} brings the ${label(result.value)} to ${shown(result.value, comes, 6)}.`;
    return `It then comes to ${told.join(", ")}.${near}`;
  }
  // Only an input on which the result depends can be what to change.
  function offer() {
    for (const option of free.options) option.disabled = !spec.depends[result.value].includes(option.value);
    if (free.selectedOptions[0].disabled) free.value = [...free.options].find((option) => !option.disabled).value;
  }
  typed.addEventListener("change", () => {
    const given = napkinTyped(typed.value, field());
    store.catchUp(); // a solution still due would wipe the refusal away
    if (given > 0 && Number.isFinite(given)) {
      target = given;
      solve();
      return;
    }
    napkinSay(refused, `The ${label(result.value)} must be a number above 0, got “${typed.value.trim().slice(0, 40)}”.`, true);
    typed.value = napkinShownPlain(target, field());
  });
  free.addEventListener("change", solve);
  result.addEventListener("change", () => {
    // what the result comes to now is a target that can be reached
    const now = book.compute(resolved().inputs)[result.value];
    target = Number.isFinite(now) ? Number(now.toPrecision(3)) : 1;
    typed.value = napkinShownPlain(target, field());
    [, unit.textContent] = spec.shown[result.value];
    offer();
    solve();
  });
  put.addEventListener("click", () => {
    store.catchUp(); // what is put in must answer the scenario as it stands
    if (!found.refused) store.change({ [free.value]: found.value });
  });
  offer();
  store.rest(solve); // thousands of evaluations
}

// What a number is counted by, where the number does not say it: " a user-month".
const napkinPer = (book, name) => book.units[book.names[name][1]][3] || "";

// What matters most: elasticities of a result, the largest first, as `sensitivity` has them; null where it has no value.
function napkinElasticities(book, inputs, given, result) {
  const v = { ...inputs };
  if (!Number.isFinite(book.compute(v)[result])) return null;
  const found = [];
  function slope(name, step) {
    const heights = [step, -step].map((by) => {
      v[name] = inputs[name] * Math.exp(by);
      return book.smooth(v)[result];
    });
    v[name] = inputs[name];
    return Math.log(heights[0] / heights[1]) / (2 * step);
  }
  for (const name in inputs) {
    const known = book.inputs[name];
    // a switch that nobody has turned on is no guess of the reader's
    if (!(inputs[name] > 0) || known.choices || book.layout.includes(name) || (name in book.neutral && !(name in given))) continue;
    const [wide, narrow] = [slope(name, 4e-4), slope(name, 2e-4)];
    const finer = narrow + (narrow - wide) / 3; // the error that goes with the square of the step cancels
    const best = Number.isFinite(finer) ? finer : narrow;
    if (Math.abs(best) > 1e-7) found.push([name, best]);
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
    const why = Object.assign(document.createElement("p"), { className: "napkin-ranking-why" });
    why.setAttribute("role", "status");
    list.after(why);
    store.listen(() => {
      const { inputs, unknown } = napkinResolve(book, store.scenario, { ...book.start, ...at }, everything);
      const all = napkinElasticities(book, inputs, store.scenario.given, result);
      napkinSay(why, all ? "" : `Nothing to rank: ${napkinReason(book, result, book.compute(inputs), inputs, unknown)}.`, true);
      const found = (all || []).slice(0, most);
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
        napkinSay(row.querySelector(".napkin-ranked"), book.names[name][0], true);
        row.querySelector(".napkin-ranking-bar").style.setProperty("--napkin-share", String(Math.abs(slope) / largest));
        row.classList.toggle("is-less", slope < 0);
        row.dataset.name = name;
        row.dataset.value = String(slope);
        napkinSay(row.querySelector(".napkin-ranking-number"), `${napkinFormatted(Math.abs(slope), book.units["1"], 3)} % ${slope > 0 ? "more" : "less"}`);
      });
    }, list);
  }
}
