/* Excerpts of search results: the sentence in which the word stands, with the one that follows. */
"use strict";

Search.makeSearchSummary = (html, keywords, anchor) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  const main = page.querySelector('[role="main"] article') || page.querySelector('[role="main"]') || page.body;
  for (const one of main.querySelectorAll(".headerlink, script, style, annotation, pre, nav, .napkin-play-answer")) one.remove();
  const part = (anchor && main.querySelector(anchor)) || main;
  const blocks = [part, main].flatMap((root) => [...root.querySelectorAll("dt, p, li, td, th, h1, h2, h3")]);
  const words = [...keywords].map((word) => new RegExp(`(^|[^\\p{L}\\d])${word.replace(/[^\p{L}\d]/gu, "\\$&")}`, "iu"));
  const plain = (block) => block.textContent.replace(/\s+/g, " ").trim();
  const told = (block) => {
    const said = block.matches("dt") ? block.nextElementSibling : block.closest("dd");
    if (said) return `${plain(said.previousElementSibling)}: ${plain(said)}`;
    if (block.matches("td, th")) return [...block.closest("tr").cells].map((cell) => plain(cell.querySelector("summary") || cell)).join(" · ");
    return plain(block);
  };
  const asked = new URLSearchParams(location.search).get("q").trim().toLowerCase();
  const holds = (block) => words.some((word) => word.test(plain(block)));
  const met = blocks.find((block) => plain(block).toLowerCase().startsWith(asked) && holds(block))
    || blocks.find((block) => plain(block).toLowerCase().includes(asked) && holds(block)) || blocks.find((block) => words.every((word) => word.test(plain(block)))) || blocks.find(holds);
  if (!met && !part.querySelector("p")) return null;
  const sentences = told(met || part.querySelector("p")).match(/.+?[.?!](?=\s|$)|.+$/g) || [];
  const from = Math.max(0, sentences.findIndex((sentence) => words.some((word) => word.test(sentence))));
  let text = sentences[from].trim();
  for (const next of sentences.slice(from + 1)) {
    if (text.length + next.length > 260) break;
    text += ` ${next.trim()}`;
  }
  const summary = document.createElement("p");
  summary.className = "context";
  summary.textContent = text.length > 320 ? `${text.slice(0, text.lastIndexOf(" ", 300))} …` : text;
  return summary;
};
