// Writing to the page: only what differs, and with a mark that stays for a moment.

const MOMENT = 900; // ms for which a change stays marked
const marked = new Map(); // element: until when

// An element with these properties, data and children.
export function make(tag, { data = {}, ...properties } = {}, children = []) {
  const element = Object.assign(document.createElement(tag), properties);
  Object.assign(element.dataset, data);
  element.append(...children);
  return element;
}

// Writes an attribute where it differs; null takes it away.
export function attribute(element, name, value) {
  if (element.getAttribute(name) === value) return;
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

// Writes a text where it differs, and marks the change for a moment.
export function say(element, text, quiet) {
  const before = element.textContent;
  if (before === text) return;
  const only = element.childNodes.length === 1 && element.firstChild.nodeType === Node.TEXT_NODE;
  if (only) element.firstChild.data = text; // a new node would have every :has() of the styles looked at anew
  else element.textContent = text;
  if (quiet || before === "") return;
  if (!marked.size) setTimeout(unmark, MOMENT);
  if (!marked.has(element)) element.classList.add("is-changed");
  marked.set(element, performance.now() + MOMENT);
}

// Puts a slider on one of its stops, read aloud as `said`.
export function slide(slider, stop, stops, said) {
  slider.value = String(stop);
  attribute(slider, "aria-valuetext", said);
  slider.style.setProperty("--napkin-filled", `${(100 * stop) / (stops.length - 1)}%`);
}

// Calls `act` when Enter is pressed in a field. JupyterLab keeps Enter to itself, and then no change is heard of.
export function onEnter(field, act) {
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (!event.repeat) act();
  });
}

function unmark() {
  const now = performance.now();
  for (const [element, until] of marked) {
    if (until > now + 50) continue;
    marked.delete(element);
    element.classList.remove("is-changed");
  }
  if (marked.size) setTimeout(unmark, Math.min(...marked.values()) - now);
}
