// Numbers in the page: as people read them, and as they type them. The rules of reading are those of numbers.py.

const GIB = 2 ** 30;
// Whether a memory is of whole GiB, and no round number of GB.
const inGiB = (size, { suffix, per }) => suffix === "B" && !per && size > 0 && size % GIB === 0 && size % 1e6 !== 0;

// A number as people read it, as `show` in numbers.py. `units` is a row of the table in units.py.
export function formatted(value, units, digits) {
  if (!Number.isFinite(value)) return "—"; // nobody publishes it, or nothing fits
  const { prefixes, suffix, percent, plural } = units;
  const scaled = percent ? value * 100 : value;
  const sign = scaled < 0 ? "−" : "";
  const size = percent && Math.abs(scaled) < 1e-6 ? 0 : Math.abs(scaled);
  if (inGiB(size, units) && digits >= 6) return `${sign}${grouped(String(size / GIB))} GiB`;
  if (suffix === "$") return sign + "$" + dollars(size, digits);
  const reached = prefixes.findLastIndex(([power]) => size >= Number(`1e${power}`) || (size === 0 && power === 0));
  let [power, prefix] = prefixes[Math.max(0, reached)];
  let number = rounded(size, power, digits);
  const next = prefixes[Math.max(0, reached) + 1];
  if (next && Number(number.replaceAll(",", "")) >= Number(`1e${next[0] - power}`)) {
    [power, prefix] = next;
    number = rounded(size, power, digits);
  }
  return sign + number + joint(suffix) + prefix + (plural && number === "1" ? suffix.slice(0, -1) : suffix);
}

// A number on an axis, as `tick` in chart.py; `short` where the axis' name has the unit.
export function tick(value, units, short) {
  if (!short) return formatted(value, units, 3);
  const [power, letter] = [[15, "P"], [12, "T"], [9, "G"], [6, "M"], [3, "k"]].find((row) => value >= Number(`1e${row[0]}`)) || [0, ""];
  return `${units.suffix === "$" ? "$" : ""}${Number((value / Number(`1e${power}`)).toPrecision(10))}${letter}`;
}

const joint = (suffix) => (suffix && !suffix.startsWith(" ") ? " " : "");
const grouped = (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ",");

function rounded(size, power, digits) {
  size = power >= 0 ? size / Number(`1e${power}`) : size * Number(`1e${-power}`);
  const wholeDigits = size >= 1 ? BigInt(Math.floor(size)).toString().length : 0;
  let decimals = Math.max(0, digits - wholeDigits);
  for (let probe = size; probe > 0 && probe < 0.1 && decimals < 20; probe *= 10) decimals += 1;
  return fixed(size, decimals, true);
}

function fixed(size, decimals, trim) {
  // toFixed rounds the exact value and halves up, but turns to exponents from 1e21 on.
  let [whole, part = ""] = (size < 1e21 ? size.toFixed(decimals) : BigInt(size).toString()).split(".");
  if (trim) part = part.replace(/0+$/, "");
  return grouped(whole) + (part && `.${part}`);
}

const dollars = (size, digits) => (size >= 0.0995 || size === 0 ? fixed(size, size >= 999.5 ? 0 : 2, false) : rounded(size, 0, digits));

// Reads what was typed: digits, thousands separators, an exponent, perhaps a prefix and the unit ("20,001", "5e4", "30k",
// "1 TB", "$5"); a bare number is in what `shown` says beside the field. The decimal shift is done in the text, so that what
// was typed is taken exactly. A part of one may be typed as one: 0.2.
export function typedNumber(text, [power], units) {
  const plain = text.trim().replace(/^\$\s*(.*)$/, "$1 $").replace(/[\s_\u2009\u00a0](?=\d{3}(?!\d))/g, ",");
  const binary = /^(\d+(?:\.\d+)?)\s*([kmgt])ib$/i.exec(plain);
  if (binary && units.suffix.startsWith("B")) return Number(binary[1]) * 1024 ** ("kmgt".indexOf(binary[2].toLowerCase()) + 1);
  if (units.percent && /^0?\.\d+$/.test(plain)) return Number(plain); // 0.2 is a fifth; the fifth of a per cent is "0.2 %"
  const match = /^([+-]?)(\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+\.?\d*|\.\d+)(?:e([+-]?\d+))?\s*(\D*)$/i.exec(plain);
  if (!match) return NaN;
  const [, sign, digits, exponent, said] = match;
  const more = said.trim() ? shift(said.trim().toLowerCase().replaceAll("\u03bc", "\u00b5"), units) : power;
  return more === undefined ? NaN : Number(`${sign}${digits.replaceAll(",", "")}e${Number(exponent || 0) + more}`);
}

// What a text may mean, the likeliest first: where "20.000" is no twenty it is twenty thousand, and "0,2" is 0.2.
export function readings(text, shown, units) {
  const plain = text.trim();
  const others = [];
  if (/^\d{1,3}(\.\d{3})+\b/.test(plain)) others.push(plain.replaceAll(".", ","));
  if (/^\d+,\d+\b/.test(plain)) others.push(plain.replace(",", "."));
  return [plain, ...others].map((one) => typedNumber(one, shown, units));
}

const MULTIPLES = [[3, "k"], [3, "thousand"], [6, "million"], [9, "billion"], [12, "trillion"], [6, "m"], [9, "b"], [12, "t"]];

// The power of ten that a unit typed behind a number, in small letters, stands for; nothing where it is not this unit. A
// prefix below one says nothing alone ("5 m" may be minutes), nor does "5e".
function shift(said, { prefixes, suffix, percent, plural, counts }) {
  const name = suffix.trim().toLowerCase();
  if (percent) return said === name ? -2 : undefined;
  const endings = ["", name, ...(plural ? [name.slice(0, -1)] : [])];
  const own = prefixes.flatMap(([power, prefix]) => [[power, prefix.trim().toLowerCase()], [power, prefix.replace("\u00b5", "u")]]);
  const fits = ([power, word]) => endings.some((ending) => (ending || (power > 0 && word !== "e")) && [word + ending, `${word} ${ending}`.trim()].includes(said));
  return [...own, ...MULTIPLES.slice(0, counts ? 8 : 5)].find(fits)?.[0]; // "5 b" is said of what is counted
}

// A value as it stands in a field that shows this power of ten: to six digits, whole numbers in full; whole GiB with their unit.
export function typedText(value, [power], units = null) {
  if (units && inGiB(value, units)) return formatted(value, units, 6);
  const number = value * Number(`1e${-power}`);
  const [whole, ...part] = String(Number(number.toPrecision(Math.abs(number) < 1e7 && number === Math.floor(number) ? 8 : 6))).split(".");
  return [whole.length > 4 && /^\d+$/.test(whole) ? grouped(whole) : whole, ...part].join(".");
}

// The same for arithmetic that a reader follows, as `show_exactly`: whole numbers in full below ten million, five digits
// above, and what it is counted by.
export function exactly(value, units) {
  const { prefixes, suffix, per } = units;
  if (value === Math.floor(value) && Math.abs(value) < 1e7 && prefixes.length > 1) {
    return (value < 0 ? "−" : "") + fixed(Math.abs(value), 0, false) + joint(suffix) + suffix + per;
  }
  return formatted(value, units, 5) + per;
}

// A number in one of the styles of sentences.py: "show", "exact", "bare" inside arithmetic, "bytes" for bits counted in bytes.
export function written(value, unit, digits, style, allUnits) {
  const units = allUnits[unit];
  if (style === "show") return formatted(value, units, digits);
  if (style === "bytes") return exactly(value / 8, allUnits.byte);
  const text = exactly(value, units);
  if (style === "exact") return text;
  return units.alone ? text.slice(0, text.lastIndexOf(" ")) : text.slice(0, text.length - units.per.length);
}

// Which of these ascending numbers is nearest to a value.
export function nearest(stops, value) {
  return stops.reduce((best, stop, i) => (Math.abs(stop - value) < Math.abs(stops[best] - value) ? i : best), 0);
}
