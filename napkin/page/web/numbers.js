// Numbers in the page: as people read them, and as they type them. The rules of reading are those of numbers.py.

// A number as people read it, as `show` in numbers.py; one table of tests holds both.
export function formatted(value, units, digits) {
  if (!Number.isFinite(value)) return "—"; // nobody publishes it, or nothing fits
  const [prefixes, suffix, percent] = units;
  const scaled = percent ? value * 100 : value;
  const sign = scaled < 0 ? "−" : "";
  const size = Math.abs(scaled);
  if (suffix === "$") return sign + "$" + dollars(size, digits);
  let chosen = 0;
  prefixes.forEach(([power], i) => {
    if (size >= Number(`1e${power}`) || (size === 0 && power === 0)) chosen = i;
  });
  let number = rounded(size, prefixes[chosen][0], digits);
  if (chosen + 1 < prefixes.length) {
    const step = prefixes[chosen + 1][0] - prefixes[chosen][0];
    if (Number(number.replaceAll(",", "")) >= Number(`1e${step}`)) {
      chosen += 1;
      number = rounded(size, prefixes[chosen][0], digits);
    }
  }
  const joint = suffix && !suffix.startsWith(" ") ? " " : "";
  const text = sign + number + joint + prefixes[chosen][1] + suffix;
  return number === "1" && /^ (tokens|elements|conversations|users)$/.test(suffix) ? text.slice(0, -1) : text;
}

function rounded(size, power, digits) {
  size = power >= 0 ? size / Number(`1e${power}`) : size * Number(`1e${-power}`);
  const wholeDigits = size >= 1 ? BigInt(Math.floor(size)).toString().length : 0;
  let decimals = Math.max(0, digits - wholeDigits);
  if (size > 0 && size < 1) {
    for (let probe = size; probe < 0.1 && decimals < 20; probe *= 10) decimals += 1;
  }
  return fixed(size, decimals, true);
}

function fixed(size, decimals, trim) {
  // toFixed rounds the exact value and halves up, but turns to exponents from 1e21 on.
  let [whole, part = ""] = (size < 1e21 ? size.toFixed(decimals) : BigInt(size).toString()).split(".");
  whole = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  if (trim) part = part.replace(/0+$/, "");
  return part ? `${whole}.${part}` : whole;
}

function dollars(size, digits) {
  if (size >= 999.5) return fixed(size, 0, false);
  if (size >= 0.0995 || size === 0) return fixed(size, 2, false);
  return rounded(size, 0, digits);
}

// Reads what was typed: digits, thousands separators, an exponent, perhaps a prefix and the unit shown beside the field
// ("20,001", "5e4", "30k", "1 TB"). The decimal shift is done in the text, so that what was typed is taken exactly.
export function typedNumber(text, control) {
  const [power, unit] = control.shown;
  const plain = text.trim().replace(/^\$\s*/, "").replace(/[\s_\u2009\u00a0](?=\d{3}(?!\d))/g, ",");
  const match = /^([+-]?)(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.?\d*|\.\d+)(?:e([+-]?\d+))?\s*(\D*)$/i.exec(plain);
  if (!match) return NaN;
  const [, sign, digits, exponent, said] = match;
  const more = shifted(said.trim(), power, unit);
  return more === undefined ? NaN : Number(`${sign}${digits.replaceAll(",", "")}e${Number(exponent || 0) + more}`);
}

// The power of ten that a unit typed behind a number stands for; nothing where it is not this control's unit.
function shifted(said, power, unit) {
  const prefixes = { "": 0, k: 3, K: 3, M: 6, G: 9, T: 12, P: 15 };
  if (said === "" || said.toLowerCase() === unit.toLowerCase()) return power;
  const base = /^[kMGTP](B|B\/s|FLOP\/s|W)$/.exec(unit);
  if (base) return said.endsWith(base[1]) ? prefixes[said.slice(0, -base[1].length)] : undefined;
  const words = { k: 3, m: 6, million: 6, b: 9, billion: 9, t: 12, trillion: 12 };
  return unit === "" || unit === "tokens" || unit === "billion" ? words[said.toLowerCase().replace(/ ?tokens?$/, "")] : undefined;
}

export function typedText(value, control) {
  const [whole, part] = String(Number((value * Number(`1e${-control.shown[0]}`)).toPrecision(8))).split(".");
  const grouped = whole.length > 4 && /^\d+$/.test(whole) ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole;
  return part ? `${grouped}.${part}` : grouped;
}

// The same for arithmetic that a reader follows, as `show_exactly`: whole numbers in full below ten million, five digits
// above. `units` are [prefixes, suffix, percent, what it is counted by].
export function exactly(value, units) {
  const [prefixes, suffix, , per] = units;
  if (value === Math.floor(value) && Math.abs(value) < 1e7 && prefixes.length > 1) {
    const joint = suffix && !suffix.startsWith(" ") ? " " : "";
    return (value < 0 ? "−" : "") + fixed(Math.abs(value), 0, false) + joint + suffix + per;
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
  if (unit === "sequence" || unit === "user") return text.slice(0, text.lastIndexOf(" "));
  return units[3] && text.endsWith(units[3]) ? text.slice(0, -units[3].length) : text;
}

// Which of these ascending numbers is nearest to a value.
export function nearest(stops, value) {
  let best = 0;
  stops.forEach((stop, i) => {
    if (Math.abs(stop - value) < Math.abs(stops[best] - value)) best = i;
  });
  return best;
}
