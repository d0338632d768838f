// The playground's front end. One file serves both faces of a playground: the built page loads it as a classic,
// deferred script; in Jupyter it is part of an anywidget module. The formulas come generated from napkin.

// Brings one figure to life. `spec` says what it holds, `compute` evaluates its formulas. The `host` keeps the inputs:
// `change(name, value)` and `choose(catalogue, name)` tell it what the reader did, `reset()` brings back the first ones;
// it answers through `set` of the object that this returns, with all inputs and what is not known about them.
function napkinHydrate(figure, spec, compute, host) {
  if (figure.classList.contains("is-live")) return null;
  figure.classList.add("is-live");
  const find = (selector) => figure.querySelector(selector);
  const message = find(".napkin-message");
  const controls = Object.fromEntries(spec.controls.map((control) => [control.name, control]));
  const show = (name, value, digits) => napkinFormatted(value, spec.units[spec.names[name].unit], digits || spec.names[name].digits);
  const all = { ...spec.neutral };
  const run = (v) => compute(v);
  let inputs = { ...spec.inputs };
  let unknown = {};
  let chosen = {};
  let kept = null; // the inputs of a scenario to compare with

  // Why a name has no value in these outputs; undefined where it has one.
  function reason(name, out) {
    if (Number.isFinite(value(name, out))) return undefined;
    const told = Object.values(unknown)[0];
    if (told) return told;
    const guard = (spec.needs[name] || []).find((one) => !(out[one] > 0));
    return guard ? fill(napkinChosenWords(spec.reasons[guard], all, spec.neutral), out) : "beyond what a number can hold";
  }
  function value(name, out) {
    return name in out ? out[name] : all[name];
  }
  function fill(sentence, out) {
    return sentence.replace(/\{(\w+)\}/g, (_, name) => show(name, value(name, out)));
  }

  function paint() {
    Object.assign(all, { ...spec.neutral, ...inputs });
    for (const name of Object.keys(all)) if (!(name in inputs) && !(name in spec.neutral)) delete all[name];
    const out = run(all);
    figure.dataset.inputs = JSON.stringify(inputs);
    for (const control of spec.controls) paintControl(control);
    const then = kept && run({ ...spec.neutral, ...kept });
    for (const output of figure.querySelectorAll("output")) {
      const name = output.name;
      const why = reason(name, out);
      napkinSay(output, why || show(name, out[name]));
      output.classList.toggle("is-reason", Boolean(why));
      napkinAttribute(output, "data-value", why ? null : String(out[name]));
      paintKept(output, then);
    }
    const sentence = find(".napkin-sentence");
    if (sentence) {
      const why = spec.sentenceNames.map((name) => reason(name, out)).find(Boolean);
      napkinSay(sentence, why ? why[0].toUpperCase() + why.slice(1) + "." : fill(spec.sentence, out), true);
    }
    const limit = find(".napkin-limit");
    if (limit) napkinSay(limit, napkinLimit(spec.limits, (node) => napkinWorth(node, (name) => value(name, out)), spec.units), true);
    if (chart) chart.paint(all, out, kept && { ...spec.neutral, ...kept });
  }

  // What the result was in the scenario that is kept for comparison, below what it is now.
  function paintKept(output, then) {
    let shown = output.parentElement.querySelector(".napkin-then");
    if (!shown && !then) return;
    if (!shown) {
      shown = output.parentElement.appendChild(document.createElement("span"));
      shown.className = "napkin-then";
    }
    const was = then ? then[output.name] : undefined;
    napkinSay(shown, !then ? "" : `A: ${Number.isFinite(was) ? show(output.name, was) : "—"}`, true);
  }

  // A control that shows the value already is left alone: writing it again costs the page a layout.
  function paintControl(control) {
    const now = control.catalogue ? chosen[control.name] || "" : inputs[control.name];
    if (Object.is(control.painted, now)) return;
    control.painted = now;
    control.element.dataset.value = String(now);
    if (control.catalogue) {
      control.element.value = now;
      return;
    }
    if (control.stops) {
      let nearest = 0;
      control.stops.forEach((stop, i) => {
        if (Math.abs(stop - now) < Math.abs(control.stops[nearest] - now)) nearest = i;
      });
      control.element.value = String(nearest);
      control.element.setAttribute("aria-valuetext", Number.isFinite(now) ? show(control.name, now) : "not published");
      control.element.style.setProperty("--napkin-filled", `${(100 * nearest) / (control.stops.length - 1)}%`);
      if (control.typed) control.typed.value = Number.isFinite(now) ? napkinShownPlain(now, control) : "";
      napkinSay(control.still, Number.isFinite(now) ? show(control.name, now) : "not published", true);
    } else {
      control.element.value = String(now);
      if (control.still) control.still.textContent = control.element.selectedOptions[0]?.textContent || String(now);
    }
  }

  // Everything that changes an input comes through here. Refusals say why and leave everything as it was.
  function change(name, given, text) {
    const control = controls[name];
    const refused = napkinRefusal(control, given, text, show) || napkinTogether({ ...inputs, [name]: given }, spec.together);
    message.textContent = refused || "";
    if (!refused && given !== inputs[name]) {
      host.change(name, given);
      return;
    }
    delete control.painted; // what was typed or chosen gives way to what holds
    paintControl(control);
  }

  for (const control of spec.controls) {
    control.element = find(`[name="${control.name}"]`);
    control.typed = find(`[data-types="${control.name}"]`);
    control.still = control.element.closest(".napkin-control").querySelector(".napkin-still");
    control.element.disabled = false;
    control.element.addEventListener("input", () => {
      const picked = control.element.value;
      if (control.catalogue) {
        message.textContent = "";
        host.choose(control.name, picked);
      } else {
        change(control.name, control.stops ? control.stops[Number(picked)] : Number(picked));
      }
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
    host.reset();
  });
  const chart = spec.chart && napkinChart(find("svg"), spec.chart, run, spec.names);
  const view = {
    set(given, more = {}) {
      inputs = { ...given };
      unknown = more.unknown || {};
      chosen = more.chosen || {};
      kept = more.kept || null;
      message.textContent = "";
      paint();
    },
  };
  view.set(inputs);
  return view;
}

// Writes an attribute where it differs; null takes it away.
function napkinAttribute(element, name, value) {
  if (element.getAttribute(name) === value) return;
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

// Writes a text where it differs, and marks the change for a moment.
function napkinSay(element, text, quiet) {
  const before = element.textContent;
  if (before === text) return;
  const only = element.childNodes.length === 1 && element.firstChild.nodeType === Node.TEXT_NODE;
  if (only) element.firstChild.data = text; // a new node would have every :has() of the styles looked at anew
  else element.textContent = text;
  if (quiet || before === "") return;
  if (!napkinMarked.size) setTimeout(napkinUnmark, NAPKIN_MOMENT);
  if (!napkinMarked.has(element)) element.classList.add("is-changed");
  napkinMarked.set(element, performance.now() + NAPKIN_MOMENT);
}

const NAPKIN_MOMENT = 900; // ms for which a change stays marked
const napkinMarked = new Map(); // element: until when

function napkinUnmark() {
  const now = performance.now();
  for (const [element, until] of napkinMarked) {
    if (until > now + 50) continue;
    napkinMarked.delete(element);
    element.classList.remove("is-changed");
  }
  if (napkinMarked.size) setTimeout(napkinUnmark, Math.min(...napkinMarked.values()) - now);
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
