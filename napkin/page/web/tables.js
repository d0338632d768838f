// The tables of the reference: sorted by a column, and the ledger by its verdicts.
import { attribute, make } from "./page.js";

const TIMES = { k: 3, M: 6, million: 6, G: 9, billion: 9, T: 12, trillion: 12, P: 15 };

// What a cell is sorted by: "7.7 TB/s" as a number, other texts as they are, dashes last.
function worthOf(cell) {
  const text = cell.textContent.trim();
  const [, number, times] = /^\$?([\d.,]+)\s*(k|M|G|T|P|million|billion|trillion)?/.exec(text) || [];
  return number ? Number(number.replaceAll(",", "")) * 10 ** (TIMES[times] || 0) : text;
}

function compared(a, b) {
  if (typeof a === "number" && typeof b === "number") return b - a; // the largest first
  if (typeof a === "number" || typeof b === "number") return typeof a === "number" ? -1 : 1;
  return a.localeCompare(b);
}

function sortable(table) {
  const body = table.tBodies[0];
  for (const head of table.tHead.rows[0].cells) {
    const button = make("button", { type: "button", textContent: head.textContent, title: "sort by this column" });
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const turned = head.ariaSort === "descending";
      const rows = [...body.rows].map((row) => [worthOf(row.cells[head.cellIndex].querySelector("summary") || row.cells[head.cellIndex]), row]);
      rows.sort(([a], [b]) => compared(a, b));
      if (turned) rows.reverse();
      body.append(...rows.map(([, row]) => row));
      for (const other of table.tHead.rows[0].cells) attribute(other, "aria-sort", other === head ? (turned ? "ascending" : "descending") : null);
    });
  }
}

// One button for each verdict, above the first table of the ledger; a chapter whose rows are all hidden keeps its heading.
function filtered(verdicts) {
  const rows = [...verdicts].map((one) => [one.textContent, one.closest("tr")]);
  const names = [...new Set(rows.map(([name]) => name))];
  const count = (name) => rows.filter(([one]) => one === name).length;
  const bar = make("p", { className: "napkin-filter", role: "group", ariaLabel: "Show claims by verdict" }, ["", ...names].map((name) => {
    const button = make("button", { type: "button", textContent: name ? `${name} ${count(name)}` : `all ${rows.length}` });
    attribute(button, "aria-pressed", String(!name));
    button.addEventListener("click", () => {
      for (const [one, row] of rows) row.hidden = name !== "" && one !== name;
      for (const table of new Set(rows.map(([, row]) => row.closest("table")))) table.hidden = [...table.tBodies[0].rows].every((row) => row.hidden);
      for (const one of bar.children) attribute(one, "aria-pressed", String(one === button));
    });
    return button;
  }));
  const summary = [...document.querySelectorAll("main p")].find((one) => /^\d+ claims: /.test(one.textContent));
  summary?.after(bar);
}

// A table that is wider than the screen says so.
function saysThatItScrolls(box) {
  const note = make("p", { className: "napkin-scrolls", textContent: "The table goes on to the right →" });
  box.before(note);
  new ResizeObserver(() => { note.hidden = box.scrollWidth <= box.clientWidth + 1; }).observe(box);
}

export function arrangeTables() {
  for (const box of document.querySelectorAll("article :is(.pst-scrollable-table-container, .napkin-catalogue)")) saysThatItScrolls(box);
  for (const table of document.querySelectorAll(".napkin-catalogue table")) sortable(table);
  const verdicts = document.querySelectorAll(".napkin-verdict");
  if (verdicts.length > 20) filtered(verdicts); // the ledger; a chapter has a few
}
