// A playground's chart: matplotlib drew the axes, this redraws what lies on them.
import { draggable } from "./drag.js";
import { nearest, tick } from "./numbers.js";
import { attribute, say } from "./page.js";

// `compute` evaluates the formulas, `names` the quantities; `control` is the input along the axis where a reader can move it,
// and `move(value)` is told to what. Returns an object whose `paint` takes the inputs, what they compute, and the inputs of a
// scenario that is kept for comparison (or nothing).
export function drawChart(svg, chart, compute, names, units, control, move) {
  const [left, top, right, bottom] = chart.box;
  const axis = (scale, [low, high], from, to) => {
    const t = scale === "log" ? Math.log10 : (x) => x;
    return (number) => from + ((t(number) - t(low)) / (t(high) - t(low))) * (to - from);
  };
  const across = axis(chart.xscale, chart.xlim, left, right);
  let ylim = chart.ylim;
  let upward = axis(chart.yscale, ylim, bottom, top);
  const valueOf = (name, out, v) => (name in out ? out[name] : v[name]);
  const curveOf = (name) => svg.querySelector(`[data-curve="${name}"]`);
  for (const old of svg.querySelectorAll("[data-still]")) old.remove();
  const labels = (chart.y.length < 2 ? [] : chart.y).map((name, i) => ({ name, text: addText(`napkin-curve-${i}`, names[name][0]) }));
  for (const part of svg.children) part.setAttribute("aria-hidden", "true"); // the description says it; what can be dragged comes on top
  const marks = chart.points.map(addMark);
  let stood = 0; // the stop on which the reader's point stands
  const handle = control?.stops && marks[chart.points.findIndex(({ x, style }) => x === chart.x && style === "you")];
  const said = handle && addHandle();

  function paint(inputs, out, kept) {
    if (said) {
      stood = nearest(control.stops, inputs[chart.x]);
      said(control.text());
    }
    const at = chart.points.map((point) => {
      const x = valueOf(point.x, out, inputs);
      const v = { ...inputs, [chart.x]: x };
      return [x, point.y === null ? valueOf(point.curve, compute(v), v) : valueOf(point.y, out, inputs)];
    });
    makeRoom(at.map(([, y]) => y).filter(Number.isFinite));
    const paths = curves(inputs);
    for (const name of chart.y) attribute(curveOf(name), "d", drawn(paths[name]));
    paintKept(kept);
    const points = at.map(([x, y], i) => paintPoint(marks[i], across(x), upward(y))).filter(Boolean);
    const [onCurves, besideMarks] = places(paths, labels.map(({ name, text }) => [name, text.textContent]),
      points.map(({ text, x, y }) => [text.textContent, x, y]), chart.box, chart.letterWidth);
    labels.forEach(({ name, text }) => put(text, onCurves[name]));
    points.forEach(({ text }, i) => put(text, besideMarks[i]));
  }

  // The upright axis stays put while its points stay on it; where one leaves, the axis grows by steps, and its new numbers are marked.
  function makeRoom(heights) {
    const [low, high] = chart.ylim;
    const [least, most] = [Math.min(low, ...heights), Math.max(high, ...heights)];
    const log = chart.yscale === "log";
    const up = most === high ? high : log ? 10 ** Math.ceil(Math.log10(most) + 0.05) : round(most * 1.1);
    const down = least === low || !log || least <= 0 ? low : 10 ** Math.floor(Math.log10(least));
    if (up === ylim[1] && down === ylim[0]) return;
    ylim = [down, up];
    upward = axis(chart.yscale, ylim, bottom, top);
    const grown = up !== high || down !== low;
    for (const one of svg.querySelectorAll('[data-tick="y"]')) hide(one, grown);
    svg.querySelector(".napkin-grown")?.remove();
    if (!grown) return;
    const group = add("g", svg, "napkin-grown");
    group.setAttribute("aria-hidden", "true");
    svg.prepend(group);
    for (const value of ticks()) {
      const y = upward(value);
      add("path", group).setAttribute("d", `M${left} ${y.toFixed(2)}H${right}`);
      const text = add("text", group);
      text.setAttribute("transform", `translate(${left - 7} ${(y + 4).toFixed(2)})`);
      text.textContent = tick(value, units[names[chart.y[0]][1]], chart.short);
    }
  }
  const round = (size) => [1, 2, 5, 10].map((step) => step * 10 ** Math.floor(Math.log10(size))).find((one) => one >= size);
  function ticks() {
    if (chart.yscale === "log") {
      const [from, to] = [Math.ceil(Math.log10(ylim[0]) - 1e-9), Math.floor(Math.log10(ylim[1]) + 1e-9)];
      const every = Math.ceil((to - from + 1) / 7);
      return Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i)).filter((_, i) => i % every === 0);
    }
    const step = round((ylim[1] - ylim[0]) / 6);
    return Array.from({ length: Math.floor((ylim[1] - ylim[0]) / step + 1e-9) + 1 }, (_, i) => ylim[0] + i * step);
  }

  // The point is a slider, and all of the chart is its grip: it comes to where it is pressed.
  function addHandle() {
    const grip = add("rect", svg, "napkin-grip");
    for (const [name, value] of Object.entries({ x: left, y: top, width: right - left, height: bottom - top })) grip.setAttribute(name, value);
    svg.setAttribute("role", "group");
    handle.path.parentNode.removeAttribute("aria-hidden");
    handle.path.classList.add("is-handle");
    const stopsAcross = control.stops.map(across);
    const place = ({ clientX, clientY }) => nearest(stopsAcross, new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM().inverse()).x);
    return draggable(handle.path, { label: names[chart.x][0], stops: control.stops, at: () => stood, move: (stop) => move(control.stops[stop]), place, grip });
  }

  function curves(inputs) {
    const paths = Object.fromEntries(chart.y.map((name) => [name, []]));
    const v = { ...inputs };
    for (const x of chart.grid) {
      v[chart.x] = x;
      const at = compute(v);
      for (const name of chart.y) paths[name].push([across(x), upward(valueOf(name, at, v))]);
    }
    return paths;
  }

  // Broken where there is no height: no number, or none above zero on an axis of powers. Far outside the box the exact one does not show, and some renderers lose such numbers.
  function drawn(path) {
    const pen = (i) => (i > 0 && Number.isFinite(path[i - 1][1]) ? "L" : "M");
    const to = ([x, y], i) => (!Number.isFinite(y) ? "" : `${pen(i)}${x.toFixed(2)} ${Math.max(-5000, Math.min(5000, y)).toFixed(2)}`);
    return path.map(to).join("") || "M0 0";
  }

  // The curves of a kept scenario: dashed, in the colours of the same curves now.
  function paintKept(kept) {
    const paths = kept ? curves(kept) : {};
    for (const name of chart.y) {
      let path = svg.querySelector(`[data-kept="${name}"]`);
      if (!path && kept) {
        const now = curveOf(name);
        path = now.cloneNode(false);
        path.removeAttribute("data-curve");
        path.removeAttribute("id");
        path.dataset.kept = name;
        path.classList.add("napkin-kept");
        now.before(path);
      }
      if (path) attribute(path, "d", drawn(paths[name] || []));
    }
  }

  // Returns the mark's words and place, for naming it; nothing where there is no point.
  function paintPoint(mark, x, y) {
    const gone = !Number.isFinite(x) || Number.isNaN(y);
    hide(mark.path, gone);
    hide(mark.text, gone);
    if (gone) return null;
    const [px, py] = [Math.max(left, Math.min(right, x)), Math.max(top, Math.min(bottom, y))];
    const off = px !== x || py !== y;
    mark.path.classList.toggle("is-off", off);
    attribute(mark.path, "d", off ? "M-6 0L6 0L0 -9Z" : "M-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0 -11 0");
    const turn = !off || y < top ? 0 : y > bottom ? 180 : x > right ? 90 : -90;
    attribute(mark.path, "transform", `translate(${px.toFixed(2)} ${py.toFixed(2)}) rotate(${turn})`);
    say(mark.title, off ? "outside the chart" : "", true);
    return { text: mark.text, x: px, y: py };
  }

  function hide(element, gone) {
    const display = gone ? "none" : "";
    if (element.style.display !== display) element.style.display = display;
  }

  function put(text, at) {
    hide(text, !at);
    if (at) attribute(text, "transform", `translate(${at[0].toFixed(2)} ${at[1].toFixed(2)})`); // x and y would set the text anew
  }

  function add(tag, parent, classes = "") {
    const element = parent.appendChild(document.createElementNS("http://www.w3.org/2000/svg", tag));
    if (classes) element.setAttribute("class", classes);
    return element;
  }
  function addText(classes, words, group = add("g", svg)) {
    const text = add("text", group, `napkin-mark-text ${classes}`);
    text.textContent = words;
    return text;
  }
  function addMark({ id, style, label }) {
    const classes = `napkin-point napkin-point-${style}`;
    const group = add("g", svg);
    const path = add("path", group, classes);
    path.dataset.point = id;
    return { path, text: addText(classes, label, group), title: add("title", path) };
  }
  return { paint };
}

// Where names go, as [left end, base line]: beside each mark [words, x, y], and on each curve where it has room; null where
// there are no words, or no room. `lines` are [x, y] along each curve, `labels` [name of a curve, words]. Of the candidates
// in turn, the first that covers least of any curve, mark and other name, as `places` in chart.py has it.
export function places(lines, labels, marks, [left, top, right, bottom], letterWidth) {
  // a name may touch a mark or leave the chart before it may cover another name
  const taken = marks.map(([, x, y]) => [x - 8, x + 8, y - 8, y + 8, 100]);
  const points = Object.values(lines).flat();
  function cost(from, to, base) {
    const [high, low] = [base - 11, base + 4];
    let covered = from < left || to > right || high < top || low > bottom ? 100 : 0;
    for (const [x, y] of points) covered += x >= from - 3 && x <= to + 3 && y >= high && y <= low ? 1 : 0;
    for (const [a, b, c, d, price] of taken) covered += from < b && to > a && high < d && low > c ? price : 0;
    return covered;
  }
  function best(candidates, width) {
    let [least, found] = [Infinity, null];
    for (const [from, base] of candidates) {
      const price = least > 0 ? cost(from, from + width, base) : least;
      if (price < least) [least, found] = [price, [from, base]];
    }
    if (found) taken.push([found[0], found[0] + width, found[1] - 11, found[1] + 4, 400]);
    return found;
  }
  const besideMarks = marks.map(([words, x, y]) => {
    const width = words.length * letterWidth;
    return width ? best([[x + 10, y - 7], [x + 10, y + 16], [x - 10 - width, y - 7], [x - 10 - width, y + 16]], width) : null;
  });
  const onCurves = labels.map(([name, words]) => {
    const width = words.length * letterWidth;
    const inside = lines[name].filter(([, y]) => y >= top && y <= bottom);
    const along = [];
    for (let i = inside.length - 1; i >= 0; i -= 8) {
      const end = Math.min(inside[i][0], right - 3);
      if (end - width < left + 3) continue;
      const spanned = inside.filter(([x]) => x >= end - width && x <= end);
      const heights = (spanned.length ? spanned : [inside[i]]).map(([, y]) => y);
      along.push([end - width, Math.min(...heights) - 6], [end - width, Math.max(...heights) + 15]);
    }
    return [name, best(along, width)];
  });
  return [Object.fromEntries(onCurves), besideMarks];
}
