// What stands behind the # in the address of a page: the scenario, and what only the page knows of it.
import { LONGEST_LINK, Scenario, decoded } from "./scenario.js";

const spelled = (text) => encodeURIComponent(text).replaceAll("%20", "+").replaceAll("%2C", ",").replaceAll("%3D", "=");

// A link to a page: with `scenario`, with `kept`, the scenario A beside it, with the local inputs that come `along`, and with
// the figure that it opens at, or shows `alone`.
export function addressOf(page, { scenario, kept = null, along = [], at = "", alone = "" }) {
  const parts = [scenario.link];
  if (along.length) parts.push(`along=${along.join(",")}`);
  if (kept) parts.push(`a=${spelled(kept.link)}`);
  if (at) parts.push(`at=${at}`);
  if (alone) parts.push(`alone=${alone}`);
  return `${page.split("#")[0]}#${parts.join("&")}`;
}

// What such a link holds, {scenario, kept, along, at, alone, ignored}: what is not understood is counted in `ignored` and left
// out. Null where it is the address of a section, or nothing.
export function readAddress(book, text) {
  if (!text.includes("=")) return null;
  const found = { scenario: null, kept: null, along: [], at: "", alone: "", ignored: 0 };
  if (text.length > LONGEST_LINK) return { ...found, ignored: 1 };
  const rest = [];
  for (const part of text.split("&")) {
    const [, name, value] = /^(a|along|at|alone)=(.*)$/.exec(part) || [];
    if (!name) rest.push(part);
    else if (name === "a") {
      const kept = Scenario.fromLink(book, decoded(value));
      found.kept = kept?.scenario || null;
      found.ignored += found.kept ? kept.ignored : 1;
    } else if (name === "along") {
      found.along = value.split(",").filter((one) => Object.hasOwn(book.inputs, one) && book.inputs[one].local);
    } else if (/^[a-z0-9-]{1,80}$/.test(value)) found[name] = value;
    else found.ignored += 1;
  }
  const read = Scenario.fromLink(book, rest.join("&"));
  return { ...found, scenario: read?.scenario || null, ignored: found.ignored + (read?.ignored || 0) };
}
