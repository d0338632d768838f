// Drawings whose words, numbers and lengths are computed, as drawing.py writes them.
import { attribute, say } from "./page.js";
import { words, worth } from "./sentences.js";

// Makes a drawing follow: returns what paints it, from `of(name)` and, for pinned inputs, `of(name, pins)`.
export function enliven(svg, units) {
  const parts = [svg, ...svg.querySelectorAll("[data-draw]")].filter((one) => one.dataset.draw)
    .flatMap((element) => Object.entries(JSON.parse(element.dataset.draw)).map(([name, told]) => ({ element, name, told })));
  const texts = [...svg.querySelectorAll("[data-tell]")].map((element) => ({ element, told: JSON.parse(element.dataset.tell) }));
  return (of) => {
    const text = (part) => (typeof part === "string" ? part : words(part, of, units) || "—");
    for (const { element, name, told } of parts) {
      if (name === "aria-label") {
        attribute(element, name, told.map(text).join(""));
        continue;
      }
      const length = worth(told[0], of);
      attribute(element, name, Number.isFinite(length) ? String(Number(length.toPrecision(6))) : "0");
    }
    for (const { element, told } of texts) say(element, text(told), true);
  };
}
