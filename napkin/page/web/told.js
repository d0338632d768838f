// Sentences whose numbers are computed, as telling.py writes them: expressions are numbers, names,
// [sign, left, right] or ["at", name, {pinned inputs}].

// The value of an expression; `of(name)` and, for pinned inputs, `of(name, pins)` give that of a name.
function napkinWorth(node, of) {
  if (typeof node === "number") return node;
  if (typeof node === "string") return of(node);
  const [sign, left, right] = node;
  if (sign === "at") return of(left, right);
  const [a, b] = [napkinWorth(left, of), napkinWorth(right, of)];
  if (sign === "+") return a + b;
  if (sign === "-") return a - b;
  if (sign === "*") return a * b;
  if (sign === "/") return a / b;
  return a ** b;
}

// The words whose switches are on: [[switches, words], …], the first of which one at least differs from its neutral value.
function napkinChosenWords(choices, inputs, neutral) {
  const on = (name) => (inputs[name] ?? neutral[name] ?? 0) !== (neutral[name] ?? 0);
  return choices.find(([switches]) => !switches.length || switches.some(on))[1];
}

// What binds: the sentence of the first case in each family whose comparisons hold. `cases` are [[[a, b], …], parts],
// a > b for each; `parts` are strings and [expression, unit, digits, style].
function napkinLimit(families, worth, units) {
  const told = [];
  for (const cases of families) {
    const found = cases.find(([comparisons]) => comparisons.every(([a, b]) => worth(a) > worth(b)));
    if (found) told.push(found[1].map((part) => (typeof part === "string" ? part : napkinField(part, worth, units))).join(""));
  }
  return told.join(" ");
}

function napkinField([node, unit, digits, style], worth, units) {
  const value = worth(node);
  return Number.isFinite(value) ? napkinWritten(value, unit, digits, style, units) : "—";
}
