// Numbers and points that a reader drags, or moves with the keys of a slider; and what keeps still while a hand moves them.
import { attribute } from "./page.js";

const ACROSS = 400; // px of a drag that goes from one end to the other
const REST = 120; // ms without a change after which a hand rests
const KEYS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -Infinity, End: Infinity };

let pressed = false;
let resting;
const held = new Map(); // element: the style that it had

globalThis.addEventListener?.("pointerdown", () => { pressed = true; }, true);
for (const end of ["pointerup", "pointercancel"]) globalThis.addEventListener?.(end, () => { pressed = false; }, true);

// Whether a finger or a button is down.
export const isPressed = () => pressed;

// Called with every change that a moving hand makes; what is held goes when the hand rests.
export function moving() {
  clearTimeout(resting);
  document.documentElement.style.overflowAnchor = "none"; // a browser would scroll after words that move within what is held
  resting = setTimeout(() => {
    if (pressed) return moving();
    resting = undefined;
    document.documentElement.style.overflowAnchor = "";
    for (const [element, style] of held) element.style.cssText = style;
    held.clear();
    return undefined;
  }, REST);
}

// Keeps the height of what is about to change while a hand moves, so that nothing below it shifts.
export function hold(element) {
  if (resting === undefined || held.has(element)) return;
  held.set(element, element.style.cssText);
  const { height } = element.getBoundingClientRect();
  if (height) element.style.cssText += `; box-sizing: border-box; height: ${height}px; overflow: hidden`;
}

// Makes a slider of an element. `control` has `label` and ascending `stops`; `at()` is the stop it stands on, `move(stop)`
// is told where it goes, `place(event)`, where a stop has a place of its own, which stop lies under a pointer. Returns what
// writes its state: `said(text)`.
export function draggable(element, { label, stops, at, move, place, grip = element }) {
  for (const [name, value] of Object.entries({ role: "slider", tabindex: "0", "aria-label": label, "aria-valuemin": "0", "aria-valuemax": String(stops.length - 1) })) {
    element.setAttribute(name, value);
  }
  element.classList.add("napkin-drag");
  const go = (to) => {
    const stop = Math.max(0, Math.min(stops.length - 1, Math.round(to)));
    if (stop === at()) return;
    moving();
    move(stop);
  };
  let from;
  grip.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault(); // no selection of text
    element.focus({ preventScroll: true });
    grip.setPointerCapture(event.pointerId);
    from = { x: event.clientX, stop: at() };
    if (place) go(place(event));
  });
  grip.addEventListener("pointermove", (event) => {
    if (!from || !grip.hasPointerCapture(event.pointerId)) return;
    go(place ? place(event) : from.stop + ((event.clientX - from.x) / ACROSS) * stops.length);
  });
  grip.addEventListener("lostpointercapture", () => { from = undefined; });
  element.addEventListener("keydown", (event) => {
    if (!(event.key in KEYS) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // JupyterLab would move to another cell
    go(at() + KEYS[event.key]);
  });
  return (text) => {
    attribute(element, "aria-valuenow", String(at()));
    attribute(element, "aria-valuetext", text);
  };
}
