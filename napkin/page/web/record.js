// The reader's record of first guesses, in this browser only, and in words how far off they were.
import { formatted } from "./numbers.js";

const KEY = "napkin-guesses";
// What is kept where nothing can be stored: in a private window, on a disk, with a full store. Each guess in Jupyter is a
// script of its own; they share this.
const kept = (globalThis.napkinGuessKept ||= { record: new Map(), lasting: true });

// The record as a Map of name → {guess, answer, title}, in the order of guessing.
export function readRecord() {
  try {
    if (kept.lasting) return understood(globalThis.localStorage.getItem(KEY));
  } catch {
    kept.lasting = false;
  }
  return kept.record;
}

// What is stored may be anybody's: whatever is not a guess is left out.
function understood(text) {
  const record = new Map();
  if (!text || text.length > 200000) return record;
  let stored;
  try {
    stored = JSON.parse(text);
  } catch {
    return record;
  }
  if (typeof stored !== "object" || stored === null || Array.isArray(stored)) return record;
  const number = (n) => Number.isFinite(n) && n > 0;
  for (const [name, entry] of Object.entries(stored).slice(0, 500)) {
    const { guess, answer, title } = entry || {};
    const good = /^[a-z0-9-]{1,80}$/.test(name) && number(guess) && number(answer) && Number.isFinite(factorOf(guess, answer));
    if (good && typeof title === "string" && title.length <= 300) record.set(name, { guess, answer, title });
  }
  return record;
}

export function writeRecord(record) {
  kept.record = record;
  try {
    if (record.size) globalThis.localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(record)));
    else globalThis.localStorage.removeItem(KEY);
  } catch {
    kept.lasting = false;
  }
  globalThis.dispatchEvent(new Event(KEY));
}

// Calls `act` when a guess is made or forgotten, on this page or in another window, until the signal.
export function listenToRecord(act, signal) {
  globalThis.addEventListener(KEY, act, { signal });
  globalThis.addEventListener("storage", (event) => (event.key === null || event.key === KEY) && act(), { signal });
}

// How many times off a guess is, 1 or more.
const factorOf = (guess, answer) => Math.max(guess / answer, answer / guess);

// A factor to two significant digits: "4.2", "47", "4,700", "2.3 million".
function times(factor) {
  const words = [[0, ""], [6, " million"], [9, " billion"], [12, " trillion"]];
  return formatted(Number(factor.toPrecision(2)), { prefixes: words, suffix: "" }, 2);
}

// Half of the factors are at most this: the median, between two of them their geometric mean.
function median(factors) {
  const sorted = [...factors].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : Math.sqrt(sorted[half - 1]) * Math.sqrt(sorted[half]);
}

// How far off, in words: `near` where it is right, else how many times `over` or `under`.
export function howFar(guess, answer, near, over, under) {
  const factor = factorOf(guess, answer);
  return factor < 1.15 ? `${near}within 15 %` : `${times(factor)} times ${guess > answer ? over : under}`;
}

// The record in words: all of it, and each guess.
export function inWords(record) {
  const factors = [...record.values()].map(({ guess, answer }) => factorOf(guess, answer));
  const half = factors.length > 1 ? `, half of them within a factor of ${times(median(factors))}` : "";
  return {
    all: factors.length ? `Your record: ${factors.length} ${factors.length === 1 ? "guess" : "guesses"}${half}.` : "",
    each: [...record.values()].map(({ guess, answer, title }) => (title ? `${title}: ` : "") + howFar(guess, answer, "", "over", "under")),
    where: (kept.lasting ? "Kept in this browser and sent nowhere." : "This browser keeps nothing, so the record lasts as long as this page.")
      + " Only the first guess at each question counts.",
  };
}
