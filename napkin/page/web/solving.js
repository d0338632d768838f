// Questions put backwards, without the page: which value of one input makes a result what it should be, as `solve_for`
// does it; and what matters most, as `sensitivity` has it.
import { programOf } from "./program.js";
import { apart } from "./scenario.js";

const LOWEST = 1e-12; // where an answer is looked for, as far as the input allows
const HIGHEST = 1e18;
const GRID = 800; // points that are looked up first
const MOST = 40_000; // points that are looked up at all
const ALIKE = 2e-14; // what differs by less is the same but for rounding

// A result along one input, the others as they are in force. `rows`: off the target by how much, as it is; with each floor
// and ceiling that moves read as the plain quotient; with each a whole step further. Around a jump it lies within the last
// two. `steps`: on which steps it stands.
function curveOf(book, inputs, free, result, target, range) {
  const [first, moves] = [[], []];
  const stepped = programOf(book.compute, [result], true); // each floor and ceiling is told which it is, and is ours
  const look = (k, quotient) => {
    moves[k] ||= (first[k] ??= quotient) !== quotient;
    return quotient;
  };
  for (const value of range) stepped({ ...inputs, [free]: value }, look, look);
  function off(value, row, steps = []) {
    const rounding = (rounded, lift, on) => (k, quotient) => {
      const [here, plain] = [rounded(quotient), quotient / lift];
      const jumps = Math.abs(plain - value) > 1e-9 * value; // a context in pages of one token is whole as it is
      if (row === 0) steps[k] = jumps ? here : 0;
      return row === 0 || !moves[k] ? here : plain + (row === 2 && jumps ? on : 0);
    };
    const [floor, ceiling] = [rounding(Math.floor, 1.000000001, -1), rounding(Math.ceil, 1 / 1.000000001, 1)];
    return stepped({ ...inputs, [free]: value }, floor, ceiling)[result] / target - 1;
  }
  // Look for the target between these values, `step` apart at least (0: as near as numbers are). Gives all that was tried,
  // in order, as [value, off], and the spans [from, to] that give the target.
  function search(values, step, row = 0) {
    const tried = new Map();
    const at = (value) => {
      if (!tried.has(value)) {
        const steps = [];
        const by = off(value, row, steps);
        tried.set(value, { value, off: by, steps: steps.join(), met: Math.abs(by) < 1e-12, fits: Number.isFinite(by) });
      }
      return tried.get(value);
    };
    const rows = (one) => (one.rows ??= [one.off, off(one.value, 1), off(one.value, 2)]);
    const within = (left, right) => {
      if (left.steps === right.steps) return left.met !== right.met || left.fits !== right.fits || (!left.met && left.off * right.off < 0);
      if (!left.fits && !right.fits) return false;
      const all = [...rows(left), ...rows(right)];
      return !all.every((by) => by > 0) && !all.every((by) => by < 0) && !all.every((by) => Math.abs(by) < 1e-12);
    };
    values.forEach(at);
    const cells = values.slice(1).map((value, i) => [values[i], value]).toReversed();
    while (cells.length && tried.size < MOST) {
      const [low, high] = cells.pop();
      if (!within(at(low), at(high))) continue;
      const middle = step ? Math.round((low + high) / 2 / step) * step : (low + high) / 2;
      if (low < middle && middle < high) cells.push([middle, high], [low, middle]);
    }
    const all = [...tried.values()].sort((a, b) => a.value - b.value);
    all.forEach((one, i) => {
      const next = all[i + 1];
      if (!next || !(one.off * next.off < 0)) return;
      const best = Math.abs(next.off) < Math.abs(one.off) ? next : one; // nothing lies between them
      best.met ||= Math.abs(best.off) < 1e-9;
    });
    const spans = [];
    let open = false;
    for (const one of all) {
      // at the end of a stretch rounding takes it for met, and not, and met again
      if (one.met && (open || one.value - spans.at(-1)?.[1] <= ALIKE * one.value)) spans.at(-1)[1] = one.value;
      else if (one.met) spans.push([one.value, one.value]);
      open = one.met || (open && Math.abs(one.off) < 1e-9);
    }
    return { all, spans };
  }
  return { off, search };
}

// Returns {value, out} or {refused: a sentence}. `now` is the Case in force.
export function solve(now, free, result, target) {
  const { knowledge: book, inputs, unknown } = now;
  const [it, wanted] = [now.label(result), now.label(free)];
  const come = (value, digits = 6) => now.show(result, value, digits);
  const at = (value) => now.show(free, value, 6);
  const refuse = (refused) => ({ refused });
  const none = `No value of ${wanted} brings the ${it} to ${come(target)}`;
  const several = (told) => refuse(`More than one value of ${wanted} brings the ${it} to ${come(target)}: ${told.map(at).join(" and ")}.`);
  const solved = (value) => {
    const out = book.compute({ ...inputs, [free]: value });
    return Number.isFinite(out[result]) ? { value, out } : refuse(`${none}: nothing fits there.`);
  };
  const { low, high, step, choices } = allowed(book, inputs, free);
  const values = choices || gridOf(book.inputs[free].positive, low, high, step);
  const curve = curveOf(book, inputs, free, result, target, values);
  const rounded = (value) => Math.min(Math.max(step ? Math.round(value / step) * step : value, low), high);
  const { all, spans } = curve.search(values, choices ? Infinity : step);
  const found = all.filter((one) => one.fits);
  const heights = found.map((one) => (one.off + 1) * target);
  const missing = Object.keys(unknown).find((name) => name !== free);
  if (!found.length) return refuse(missing ? `It cannot be told: ${unknown[missing]}.` : `${none}: nothing fits for any of them.`);
  const [least, most] = [Math.min(...heights), Math.max(...heights)];
  const best = spans.map(nearest);
  if (best.length === 1 && best[0] !== undefined) return solved(best[0]);
  if (most <= least * (1 + 1e-12)) return refuse(`The ${it} does not depend on the ${wanted} here: it is ${come(least)}.`);
  if (best.length === 1) return refuse(`The ${it} is ${come(target)} for every value of ${wanted} from ${spans[0].map(at).join(" to ")}.`);
  if (spans.some(([from, to]) => from <= inputs[free] && inputs[free] <= to)) return solved(inputs[free]); // of several, the one in force
  if (best.length) return several(best.map((one, i) => one ?? spans[i][0]));
  if (choices) return refuse(`${none}. With ${heights.map((height, i) => `${found[i].value} it is ${come(height)}`).join(", with ")}.`);
  const jumps = heights.slice(1).map((height, i) => [heights[i], height].sort((a, b) => a - b)).filter(([a, b]) => a < target && !(b < target));
  if (!jumps.length) return refuse(`${none}: it stays between ${come(least)} and ${come(most)}.`);
  const roots = curve.search(values, 0, 1).spans.filter(([from, to]) => to - from <= 1e-6 * to).map(([from]) => from);
  if (roots.length > 1) return several(roots);
  if (roots.length && !book.wholes.includes(result)) return solved(rounded(roots[0]));
  const [below, above] = jumps.reduce((a, b) => (b[1] - b[0] < a[1] - a[0] ? b : a));
  const digits = [6, 9, 12].find((one) => come(below, one) !== come(above, one));
  return refuse(`${none}: it jumps from ${come(below, digits)} to ${come(above, digits)}.`);

  // The value of a stretch at which the quotient behind whole numbers is nearest to the target; undefined where all are alike.
  function nearest([from, to]) {
    if (from === to) return from;
    if (choices) return undefined;
    const some = Array.from({ length: 9 }, (_, i) => from + ((to - from) * i) / 8);
    if (some.map((value) => Math.abs(curve.off(value, 1))).sort((a, b) => a - b)[4] < ALIKE) return undefined;
    const { value } = curve.search(some, 0, 1).all.reduce((a, b) => (Math.abs(b.off) < Math.abs(a.off) ? b : a));
    return Math.min(Math.max(rounded(value), from), to);
  }
}

// The least and the most that is looked at, how far values are apart, and what there is to choose from, if it is a choice.
function allowed(book, inputs, free) {
  const known = book.inputs[free];
  let [low, high, step, choices] = [known.least, known.most, known.whole ? 1 : 0, known.choices];
  for (const [name, other, rule] of book.together) {
    const partner = inputs[free === name ? other : name];
    if (![name, other].includes(free) || partner === undefined) continue;
    if (rule === "at most") [low, high] = free === name ? [low, Math.min(high, partner)] : [Math.max(low, partner), high];
    else if (free === name) low = step = partner;
    else choices = Array.from({ length: partner }, (_, i) => i + 1).filter((one) => partner % one === 0);
  }
  return { low, high, step, choices };
}

// Values from one end to the other.
function gridOf(positive, least, most, step) {
  const [low, high] = [Math.max(least, LOWEST), Math.min(most, HIGHEST)];
  const values = Array.from({ length: GRID }, (_, i) => low * (high / low) ** (i / (GRID - 1)));
  const ends = positive ? [high] : [least, high];
  const round = (value) => (step ? Math.min(Math.max(Math.round(value / step) * step, least), high) : value);
  return [...new Set([...values.slice(0, -1), ...ends].map(round))].sort((a, b) => a - b);
}

// What matters most: elasticities of a result, the largest first, as `sensitivity` has them; null where it has no value.
// `slopes` is the program of the result and of its slopes.
export function elasticities({ knowledge: book, inputs, ...now }, given, result, slopes) {
  // a result that has a value depends on nothing unknown: any number will do there, and none would spoil what is multiplied by 0
  const out = slopes({ ...inputs, ...Object.fromEntries(Object.keys(now.unknown).map((name) => [name, 1])) });
  if (!Number.isFinite(now.out[result]) || out[result] === 0) return null;
  const found = [];
  for (const name in inputs) {
    const known = book.inputs[name];
    // a switch that nobody has turned on is no guess of the reader's
    if (!known || (known.choices && !known.between) || book.parts.includes(name) || (inputs[name] === book.neutral[name] && !(name in given))) continue;
    const elasticity = (out[`slope_of_${name}`] * inputs[name]) / out[result];
    if (Math.abs(elasticity) > 1e-12) found.push([name, elasticity]);
  }
  return found.sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
}

// What a result comes to with half of an input and with twice as much, all else as it is, as `half_and_double` in sensitivities.py.
export function halfAndDouble(now, name, result) {
  const known = now.knowledge.inputs[name];
  return [0.5, 2].map((factor) => {
    const value = known.whole ? Math.floor(now.number(name) * factor + 0.5) : now.number(name) * factor;
    const isAllowed = value >= known.least && value <= known.most && (value !== 0 || !known.positive);
    if (!isAllowed || now.knowledge.together.some((pair) => apart({ ...now.inputs, [name]: value }, ...pair))) return NaN;
    return now.with({ [name]: value }).number(result);
  });
}
