// The values at which a slider rests, as page.py has them: round ones, with both ends of the range.
export function stopsAlong({ low, high, scale, whole, inner, first }) {
  const power = (value) => Math.floor(Math.log10(value));
  const between = inner ? [...inner] : [];
  if (!inner && scale === "log") {
    for (let e = power(low) - 1; e < Math.ceil(Math.log10(high)); e += 1) for (let m = 10; m < 100; m += 1) between.push(Number(`${m}e${e}`));
  } else if (!inner) {
    const step = Math.max(Number(`1e${power(high - low) - 2}`), whole ? 1 : 0);
    for (let i = 0; i <= Math.round((high - low) / step); i += 1) between.push(Number((low + i * step).toFixed(12)));
  }
  const inside = between.filter((stop) => !whole || stop === Math.floor(stop)).concat(first ?? []).filter((stop) => low < stop && stop < high);
  return [...new Set([low, ...inside, high])].sort((a, b) => a - b);
}
