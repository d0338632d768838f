// Sentences whose numbers are computed, as sentences.py writes them: expressions are numbers, names,
// [sign, left, right] or ["at", name, {pinned inputs}].
import { written } from "./numbers.js";

const OPERATIONS = { "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => (b ? a / b : NaN), "**": (a, b) => a ** b, max: Math.max, min: Math.min };

// The value of an expression; `of(name)` and, for pinned inputs, `of(name, pins)` give that of a name.
export function worth(node, of) {
  if (typeof node === "number") return node;
  if (typeof node === "string") return of(node);
  const [sign, left, right] = node;
  return sign === "at" ? of(left, right) : OPERATIONS[sign](worth(left, of), worth(right, of));
}

// The value of an expression in words, in one of the styles of numbers.js; nothing where it has none.
export function words([node, unit, digits, style], of, units) {
  const value = worth(node, of);
  return Number.isFinite(value) ? written(value, unit, digits, style, units) : "";
}

// Whether a switch is not as the article has it.
export const isOn = (name, inputs, neutral) => (inputs[name] ?? neutral[name] ?? 0) !== (neutral[name] ?? 0);

// The words whose switches are on: [[switches, words], …], the first of which one at least differs from its neutral value.
export const chosenWords = (choices, inputs, neutral) =>
  choices.find(([switches]) => !switches.length || switches.some((name) => isOn(name, inputs, neutral)))[1];

// What binds: the sentence of the first case in each family whose comparisons hold and whose numbers are known. `cases` are
// [[[a, b], …], parts], a > b for each; `parts` are strings and [expression, unit, digits, style].
export function limit(families, of, units) {
  const told = (part) => (typeof part === "string" ? part : words(part, of, units));
  const held = ([comparisons, parts]) => comparisons.every(([a, b]) => worth(a, of) > worth(b, of)) && parts.every(told);
  return families.map((cases) => cases.find(held)).filter(Boolean).map(([, parts]) => parts.map(told).join("")).join(" ");
}
