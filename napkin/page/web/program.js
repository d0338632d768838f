// The program of a few names, cut out of the one that all pages share: a figure's curves need no more of it.

// Gives a function of the inputs that computes `names` as `compute` does. Each line of `compute` makes a constant of earlier ones.
// Where `steps` says so, it is a function of the inputs, a floor and a ceiling, which are told which of them each is.
export function programOf(compute, names, steps = false) {
  const lines = [...String(compute).matchAll(/^\s*const (\w+)_ = .*;$/gm)].toReversed();
  const wanted = new Set(names);
  const kept = [];
  const made = new Set();
  for (const [line, name] of lines) {
    if (!wanted.has(name)) continue;
    made.add(name);
    kept.unshift(line);
    for (const [, other] of line.matchAll(/\b(\w+)_\b/g)) wanted.add(other);
  }
  const fields = names.map((name) => (made.has(name) ? `${name}: ${name}_` : `${name}: v.${name}`));
  let number = 0;
  const body = `${kept.join("\n")}\nreturn {${fields.join(", ")}};`;
  try {
    if (!steps) return new Function("v", "waived = {}", body);
    return new Function("v", "floor", "ceil", "waived = {}", body.replace(/Math\.(floor|ceil)\(/g, (_, kind) => `${kind}(${number++}, `));
  } catch {
    return compute; // a page may forbid programs that are made on the way: the whole one does as well, and takes longer
  }
}
