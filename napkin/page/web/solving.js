// Questions put backwards, without the page: which value of one input makes a result what it should be, as `solve_for`
// does it, on the same grids; and what matters most, as `sensitivity` has it.
import { apart } from "./scenario.js";

const GRID = 3200; // points on the whole range, where a sign is looked up
const NEAR = 4000; // points around a root, where the whole numbers of a result are tried

// Returns {value, out} or {refused: a sentence}. `now` is the Case in force.
export function solve(now, free, result, target) {
  const { knowledge: book, inputs, unknown } = now;
  const known = book.inputs[free];
  const at = (value) => book.compute({ ...inputs, [free]: value });
  const smooth = (value) => book.smooth({ ...inputs, [free]: value })[result];
  const show = (name, value) => now.show(name, value, 6);
  const label = (name) => now.label(name);
  const none = `No value of ${label(free)} brings the ${label(result)} to ${show(result, target)}`;
  const solved = (value) => {
    const out = at(value);
    return Number.isFinite(out[result]) ? { value, out } : { refused: `${none}: nothing fits there.` };
  };
  const missing = Object.entries(unknown).find(([name]) => name !== free);

  const choices = choicesOf(book, inputs, free);
  if (choices) {
    const each = choices.map((value) => [value, at(value)[result]]).filter(([, height]) => Number.isFinite(height));
    const met = each.filter(([, height]) => Math.abs(height / target - 1) < 1e-9);
    if (met.length === 1) return solved(met[0][0]);
    if (!each.length) return { refused: missing ? `It cannot be told: ${missing[1]}.` : `${none}: nothing fits for any of them.` };
    if (same(each.map(([, height]) => height))) return { refused: `The ${label(result)} does not depend on the ${label(free)} here.` };
    return { refused: `${none}. With ${each.map(([value, height]) => `${value} it is ${show(result, height)}`).join(", with ")}.` };
  }

  const [low, high] = [Math.max(known.least, 1e-12), Math.min(known.most, 1e18)];
  const points = known.positive ? [] : [known.least];
  for (let i = 0; i < GRID; i += 1) points.push(low * (high / low) ** (i / (GRID - 1)));
  const heights = points.map(smooth);
  const finite = heights.filter(Number.isFinite);
  if (!finite.length) return { refused: missing ? `It cannot be told: ${missing[1]}.` : `${none}: nothing fits for any of them.` };
  if (same(finite)) return { refused: `The ${label(result)} does not depend on the ${label(free)} here: it is ${show(result, finite[0])}.` };
  const off = heights.map((height) => height / target - 1);
  const met = off.map((one) => Math.abs(one) < 1e-12);
  const stretch = points.filter((_, i) => met[i]);
  if (met.some((one, i) => one && met[i + 1])) {
    return { refused: `The ${label(result)} is ${show(result, target)} for every value of ${label(free)} from ${show(free, stretch[0])} to ${show(free, stretch.at(-1))}.` };
  }
  const roots = stretch;
  for (let i = 0; i + 1 < points.length; i += 1) {
    if (!(off[i] * off[i + 1] < 0) || met[i] || met[i + 1]) continue;
    const root = rootOf((x) => smooth(x) / target - 1, points[i], points[i + 1]);
    if (root !== undefined) roots.push(root);
  }
  if (!roots.length) return { refused: `${none}: it stays between ${show(result, Math.min(...finite))} and ${show(result, Math.max(...finite))}.` };
  if (roots.length > 1) return { refused: `More than one value of ${label(free)} brings the ${label(result)} to ${show(result, target)}: ${roots.map((one) => show(free, one)).join(" and ")}.` };
  return whole();

  // The value next to the root at which the true result, with its whole numbers, is the target; else the nearest allowed one.
  function whole() {
    const [root] = roots;
    let near = Array.from({ length: NEAR }, (_, i) => root * (0.9 + (0.2 * i) / (NEAR - 1)));
    near.push(root);
    const step = inputs[book.together.find(([name, , rule]) => name === free && rule === "a multiple of")?.[1]] || 1;
    if (known.whole) near = [...new Set(near.flatMap((one) => [Math.floor(one / step) * step, Math.ceil(one / step) * step]))];
    const parted = (one) => book.together.some(([name, other, rule]) => [name, other].includes(free) && apart({ ...inputs, [free]: one }, name, other, rule));
    near = near.filter((one) => one >= known.least && one <= known.most && (one > 0 || !known.positive) && !(known.whole && parted(one)));
    if (!near.length) return { refused: `${none}: none near ${show(free, root)} is allowed here.` };
    near.sort((a, b) => a - b);
    const reached = near.map((one) => at(one)[result]);
    const found = near.map((value, i) => [value, reached[i]]);
    if (!known.whole) {
      for (let i = 0; i + 1 < near.length; i += 1) {
        if (!((reached[i] - target) * (reached[i + 1] - target) < 0)) continue;
        const between = rootOf((x) => at(x)[result] / target - 1, near[i], near[i + 1]);
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

const same = (numbers) => Math.max(...numbers) <= Math.min(...numbers) * (1 + 1e-12);

// The values that there are to choose from: those of a list, or what divides the input that must be a multiple.
function choicesOf(book, inputs, free) {
  const bound = book.together.find(([, other, rule]) => other === free && rule === "a multiple of");
  if (!bound) return book.inputs[free].choices;
  return Array.from({ length: inputs[bound[0]] }, (_, i) => i + 1).filter((one) => inputs[bound[0]] % one === 0);
}

// The root between two points with different signs, by halving; undefined where the function jumps over 0 there.
function rootOf(off, low, high) {
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

// What matters most: elasticities of a result, the largest first, as `sensitivity` has them; null where it has no value.
// `slopes` is the program of the result and of its slopes.
export function elasticities({ knowledge: book, inputs, ...now }, given, result, slopes) {
  const out = slopes(inputs);
  if (!Number.isFinite(now.out[result]) || out[result] === 0) return null;
  const found = [];
  for (const name in inputs) {
    const known = book.inputs[name];
    // a switch that nobody has turned on is no guess of the reader's
    if (!known || known.choices || book.layout.includes(name) || (name in book.neutral && !(name in given))) continue;
    const elasticity = (out[`slope_of_${name}`] * inputs[name]) / out[result];
    if (Math.abs(elasticity) > 1e-12) found.push([name, elasticity]);
  }
  return found.sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
}
