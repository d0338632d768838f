// The playground's front end. One file serves both faces of a playground: the built page loads it as a classic,
// deferred script; in Jupyter it is the body of an anywidget module. The formulas come generated from SymPy.

// A number as people read it. The rules are those of `show` in formatting.py; one table of tests holds both.
function napkinFormatted(value, units, digits) {
  const [prefixes, suffix, percent] = units;
  const scaled = percent ? value * 100 : value;
  const sign = scaled < 0 ? "−" : "";
  const size = Math.abs(scaled);
  if (suffix === "$") return sign + "$" + napkinDollars(size, digits);
  let chosen = 0;
  prefixes.forEach(([power], i) => {
    if (size >= Number(`1e${power}`) || (size === 0 && power === 0)) chosen = i;
  });
  let number = napkinRounded(size, prefixes[chosen][0], digits);
  if (chosen + 1 < prefixes.length) {
    const step = prefixes[chosen + 1][0] - prefixes[chosen][0];
    if (Number(number.replaceAll(",", "")) >= Number(`1e${step}`)) {
      chosen += 1;
      number = napkinRounded(size, prefixes[chosen][0], digits);
    }
  }
  const joint = suffix && !suffix.startsWith(" ") ? " " : "";
  const text = sign + number + joint + prefixes[chosen][1] + suffix;
  return number === "1" && /^ (tokens|elements|conversations|users)$/.test(suffix) ? text.slice(0, -1) : text;
}

function napkinRounded(size, power, digits) {
  size = power >= 0 ? size / Number(`1e${power}`) : size * Number(`1e${-power}`);
  const wholeDigits = size >= 1 ? BigInt(Math.floor(size)).toString().length : 0;
  let decimals = Math.max(0, digits - wholeDigits);
  if (size > 0 && size < 1) {
    for (let probe = size; probe < 0.1 && decimals < 20; probe *= 10) decimals += 1;
  }
  return napkinFixed(size, decimals, true);
}

function napkinFixed(size, decimals, trim) {
  // toFixed rounds the exact value and halves up, but turns to exponents from 1e21 on.
  const fixed = size < 1e21 ? size.toFixed(decimals) : BigInt(size).toString();
  let [whole, part = ""] = fixed.split(".");
  whole = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  if (trim) part = part.replace(/0+$/, "");
  return part ? `${whole}.${part}` : whole;
}

function napkinDollars(size, digits) {
  if (size >= 999.5) return napkinFixed(size, 0, false);
  if (size >= 0.0995 || size === 0) return napkinFixed(size, 2, false);
  return napkinRounded(size, 0, digits);
}

// Reads what was typed: digits, thousands separators, an exponent, perhaps a prefix and the unit shown beside the field
// ("20,001", "5e4", "30k", "1 TB"). The decimal shift is done in the text, so that what was typed is taken exactly.
function napkinTyped(text, control) {
  const [power, unit] = control.shown;
  const plain = text.trim().replace(/^\$\s*/, "").replace(/[\s_\u2009\u00a0](?=\d{3}(?!\d))/g, ",");
  const match = /^([+-]?)(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.?\d*|\.\d+)(?:e([+-]?\d+))?\s*(\D*)$/i.exec(plain);
  if (!match) return NaN;
  const [, sign, digits, exponent, said] = match;
  const shift = napkinShift(said.trim(), power, unit);
  return shift === undefined ? NaN : Number(`${sign}${digits.replaceAll(",", "")}e${Number(exponent || 0) + shift}`);
}

// The power of ten that a unit typed behind a number stands for; nothing where it is not this control's unit.
function napkinShift(said, power, unit) {
  const prefixes = { "": 0, k: 3, K: 3, M: 6, G: 9, T: 12, P: 15 };
  if (said === "" || said.toLowerCase() === unit.toLowerCase()) return power;
  const base = /^[kMGTP](B|B\/s|FLOP\/s|W)$/.exec(unit);
  if (base) return said.endsWith(base[1]) ? prefixes[said.slice(0, -base[1].length)] : undefined;
  const words = { k: 3, m: 6, million: 6, b: 9, billion: 9, t: 12, trillion: 12 };
  return unit === "" || unit === "tokens" || unit === "billion" ? words[said.toLowerCase().replace(/ ?tokens?$/, "")] : undefined;
}

function napkinShownPlain(value, control) {
  const [whole, part] = String(Number((value * Number(`1e${-control.shown[0]}`)).toPrecision(15))).split(".");
  const grouped = whole.length > 4 && /^\d+$/.test(whole) ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole;
  return part ? `${grouped}.${part}` : grouped;
}

// Brings one figure to life. `spec` says what it holds, `compute` evaluates its formulas, `onChange` hears of every
// change made here. Returns an object whose `set` takes new inputs from outside.
function napkinHydrate(figure, spec, compute, onChange) {
  if (figure.classList.contains("is-live")) return null;
  figure.classList.add("is-live");
  const find = (selector) => figure.querySelector(selector);
  const message = find(".napkin-message");
  const controls = Object.fromEntries(spec.controls.map((control) => [control.name, control]));
  const show = (name, value, digits) => napkinFormatted(value, spec.units[spec.names[name].unit], digits || spec.names[name].digits);
  let inputs = { ...spec.inputs };

  // Why a name has no value in these outputs; undefined where it has one.
  function reason(name, out) {
    const guard = (spec.needs[name] || []).find((one) => !(out[one] > 0));
    if (guard) return fill(spec.reasons[guard], out);
    return Number.isFinite(value(name, out)) ? undefined : "beyond what a number can hold";
  }
  function value(name, out) {
    return name in out ? out[name] : inputs[name];
  }
  function fill(sentence, out) {
    return sentence.replace(/\{(\w+)\}/g, (_, name) => show(name, value(name, out)));
  }

  function paint() {
    const out = compute(inputs);
    figure.dataset.inputs = JSON.stringify(inputs);
    for (const control of spec.controls) paintControl(control);
    for (const output of figure.querySelectorAll("output")) {
      const name = output.name;
      const why = reason(name, out);
      output.textContent = why || show(name, out[name]);
      output.classList.toggle("is-reason", Boolean(why));
      if (why) output.removeAttribute("data-value");
      else output.dataset.value = String(out[name]);
    }
    const sentence = find(".napkin-sentence");
    if (sentence) {
      const why = spec.sentenceNames.map((name) => reason(name, out)).find(Boolean);
      sentence.textContent = why ? why[0].toUpperCase() + why.slice(1) + "." : fill(spec.sentence, out);
    }
    if (spec.chart) paintChart(out);
  }

  function paintControl(control) {
    const now = inputs[control.name];
    control.element.dataset.value = String(now);
    if (control.stops) {
      let nearest = 0;
      control.stops.forEach((stop, i) => {
        if (Math.abs(stop - now) < Math.abs(control.stops[nearest] - now)) nearest = i;
      });
      control.element.value = String(nearest);
      control.element.setAttribute("aria-valuetext", show(control.name, now));
      control.element.style.setProperty("--napkin-filled", `${(100 * nearest) / (control.stops.length - 1)}%`);
      if (control.typed) control.typed.value = napkinShownPlain(now, control);
    } else {
      control.element.value = String(now);
    }
  }

  // Everything that changes an input comes through here. Refusals say why and leave everything as it was.
  function change(name, given, text) {
    const control = controls[name];
    const refused = napkinRefusal(control, given, text, show) || together({ ...inputs, [name]: given });
    message.textContent = refused || "";
    if (refused) {
      paintControl(control);
      return;
    }
    if (given === inputs[name]) return;
    for (const [follower, followed] of spec.follows) {
      if (followed === name && follower in inputs) inputs[follower] *= inputs[name] / given;
    }
    inputs[name] = given;
    paint();
    if (onChange) onChange({ ...inputs });
  }
  function together(proposed) {
    for (const [name, other, rule] of spec.together) {
      if (!(name in proposed && other in proposed)) continue;
      const [a, b] = [proposed[name], proposed[other]];
      const bad = rule === "at most" ? a > b : a % b !== 0;
      if (bad) return `${name} must be ${rule} ${other}, got ${name} ${a} and ${other} ${b}`;
    }
    return "";
  }

  for (const control of spec.controls) {
    control.element = find(`[name="${control.name}"]`);
    control.typed = find(`[data-types="${control.name}"]`);
    control.element.disabled = false;
    control.element.addEventListener("input", () => {
      const picked = Number(control.element.value);
      change(control.name, control.stops ? control.stops[picked] : picked);
    });
    if (control.typed) {
      control.typed.disabled = false;
      const take = () => change(control.name, napkinTyped(control.typed.value, control), control.typed.value);
      control.typed.addEventListener("change", take);
      // JupyterLab keeps Enter to itself, and then no change is heard of
      control.typed.addEventListener("keydown", (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        take();
      });
    }
  }
  find(".napkin-reset").disabled = false;
  find(".napkin-reset").addEventListener("click", () => {
    message.textContent = "";
    inputs = { ...spec.start };
    paint();
    if (onChange) onChange({ ...inputs });
  });

  // The chart: matplotlib drew the axes, we redraw what lies on them.
  const chart = spec.chart;
  const svg = find("svg");
  const marks = {};
  function place(scale, from, low, high, number) {
    const t = scale === "log" ? Math.log10 : (x) => x;
    return from[0] + ((t(number) - t(low)) / (t(high) - t(low))) * (from[1] - from[0]);
  }
  const across = (x) => place(chart.xscale, [chart.box[0], chart.box[2]], chart.xlim[0], chart.xlim[1], x);
  const upward = (y) => place(chart.yscale, [chart.box[3], chart.box[1]], chart.ylim[0], chart.ylim[1], y);
  const heightOf = (name, out, v) => ((spec.needs[name] || []).every((one) => out[one] > 0) ? (name in out ? out[name] : v[name]) : NaN);

  function paintChart(out) {
    const paths = {};
    for (const name of chart.y) paths[name] = [];
    for (const x of chart.grid) {
      const v = { ...inputs, [chart.x]: x };
      const at = compute(v);
      for (const name of chart.y) paths[name].push([across(x), upward(heightOf(name, at, v))]);
    }
    for (const name of chart.y) {
      let d = "";
      let pen = "M";
      for (const [x, y] of paths[name]) {
        if (Number.isNaN(y)) {
          pen = "M";
          continue;
        }
        // far outside the box the exact height does not show, and some renderers lose such numbers
        d += `${pen}${x.toFixed(2)} ${Math.max(-5000, Math.min(5000, y)).toFixed(2)}`;
        pen = "L";
      }
      svg.querySelector(`[data-curve="${name}"]`).setAttribute("d", d || "M0 0");
    }
    const points = chart.points.map((point) => {
      const x = point.x in out ? out[point.x] : inputs[point.x];
      const v = { ...inputs, [chart.x]: x };
      const y = point.y === null ? heightOf(point.curve, compute(v), v) : heightOf(point.y, out, inputs);
      return paintPoint(point, across(x), upward(y));
    });
    paintWords(paths, points.filter(Boolean));
  }

  // Returns the mark's words and place, for naming it; nothing where there is no point.
  function paintPoint(point, x, y) {
    const [left, top, right, bottom] = chart.box;
    const mark = marks[point.id];
    const gone = !Number.isFinite(x) || Number.isNaN(y);
    mark.path.style.display = gone ? "none" : "";
    mark.text.style.display = gone ? "none" : "";
    if (gone) return null;
    const [px, py] = [Math.max(left, Math.min(right, x)), Math.max(top, Math.min(bottom, y))];
    const off = px !== x || py !== y;
    mark.path.classList.toggle("is-off", off);
    mark.path.setAttribute("d", off ? "M-6 0L6 0L0 -9Z" : "M-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0 -11 0");
    const turn = !off || y < top ? 0 : y > bottom ? 180 : x > right ? 90 : -90;
    mark.path.setAttribute("transform", `translate(${px.toFixed(2)} ${py.toFixed(2)}) rotate(${turn})`);
    mark.title.textContent = off ? "outside the chart" : "";
    return { text: mark.text, x: px, y: py };
  }

  // Names go where they cover least: beside each mark, and along each curve. `places` in chart.py does the same.
  function paintWords(paths, points) {
    const [left, top, right, bottom] = chart.box;
    // a name may touch a point or leave the chart before it may cover another name
    const taken = points.map(({ x, y }) => [x - 8, x + 8, y - 8, y + 8, 100]);
    function cost(from, to, base) {
      const [high, low] = [base - 11, base + 4];
      let covered = from < left || to > right || high < top || low > bottom ? 100 : 0;
      for (const name of chart.y) {
        for (const [x, y] of paths[name]) covered += x >= from - 3 && x <= to + 3 && y >= high && y <= low ? 1 : 0;
      }
      for (const [a, b, c, d, price] of taken) covered += from < b && to > a && high < d && low > c ? price : 0;
      return covered;
    }
    function put(text, candidates, width) {
      let best = null;
      for (const [from, base] of candidates) {
        const price = cost(from, from + width, base);
        if (!best || price < best[0]) best = [price, from, base];
        if (price === 0) break;
      }
      text.style.display = best ? "" : "none";
      if (!best) return;
      taken.push([best[1], best[1] + width, best[2] - 11, best[2] + 4, 400]);
      text.setAttribute("x", best[1].toFixed(2));
      text.setAttribute("y", best[2].toFixed(2));
    }
    for (const { text, x, y } of points) {
      const width = text.textContent.length * chart.letterWidth;
      if (width) put(text, [[x + 10, y - 7], [x + 10, y + 16], [x - 10 - width, y - 7], [x - 10 - width, y + 16]], width);
    }
    if (chart.y.length < 2) return;
    for (const name of chart.y) {
      const { text } = marks[`label-${name}`];
      const width = text.textContent.length * chart.letterWidth;
      const inside = paths[name].filter(([, y]) => y >= top && y <= bottom);
      const along = [];
      for (let i = inside.length - 1; i >= 0; i -= 8) {
        const end = Math.min(inside[i][0], right - 3);
        if (end - width < left + 3) continue;
        const spanned = inside.filter(([x]) => x >= end - width && x <= end).map(([, y]) => y);
        along.push([end - width, Math.min(...spanned) - 6], [end - width, Math.max(...spanned) + 15]);
      }
      put(text, along, width);
    }
  }

  function addMark(id, classes, words) {
    const make = (tag, parent) => parent.appendChild(document.createElementNS("http://www.w3.org/2000/svg", tag));
    const group = make("g", svg);
    const path = make("path", group);
    const text = make("text", group);
    path.setAttribute("class", classes);
    path.dataset.point = id;
    text.setAttribute("class", `napkin-mark-text ${classes}`);
    text.textContent = words;
    marks[id] = { path, text, title: make("title", path) };
  }
  if (chart) {
    for (const old of svg.querySelectorAll("[data-still]")) old.remove();
    chart.y.forEach((name, i) => {
      if (chart.y.length < 2) return;
      addMark(`label-${name}`, `napkin-curve-${i}`, spec.names[name].label);
      marks[`label-${name}`].path.remove();
    });
    for (const point of chart.points) addMark(point.id, `napkin-point napkin-point-${point.style}`, point.label);
  }
  paint();
  return {
    set(given) {
      inputs = { ...inputs, ...given };
      message.textContent = "";
      paint();
    },
  };
}

function napkinRefusal(control, given, text, show) {
  if (control.stops === undefined) return "";
  const unit = control.shown[1];
  const range = `${control.whole ? "a whole number " : ""}from ${show(control.name, control.low)} to ${show(control.name, control.high)}`;
  const asked = text === undefined ? given : `“${text.trim().slice(0, 40)}”${unit && !text.includes(unit) ? ` (${unit})` : ""}`;
  const sentence = `${control.name} must be ${range}, got ${asked}`;
  if (!(given >= control.low && given <= control.high)) return sentence;
  return control.whole && given !== Math.floor(given) ? sentence : "";
}

// On a page, playgrounds queue up before this script runs, and hydrate at once after it has.
if (typeof document !== "undefined" && !globalThis.napkinReady) {
  globalThis.napkinReady = true;
  const start = ([id, spec, compute]) => {
    const figure = document.getElementById(id);
    if (figure) napkinHydrate(figure, spec, compute);
  };
  const waiting = globalThis.napkin || [];
  globalThis.napkin = { push: start };
  waiting.forEach(start);
}
