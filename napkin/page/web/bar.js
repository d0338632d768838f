// The bar on every page: the scenario in words, users and dollars, what to do with it, and a second scenario beside it.
import { formatted } from "./numbers.js";
import { notesOf, noteText } from "./notes.js";
import { attribute, make, say } from "./page.js";
import { readRecord, writeRecord } from "./record.js";

const button = (textContent, onclick, more = {}) => make("button", { type: "button", textContent, onclick, ...more });

export function showBar(store) {
  const { book } = store;
  const words = make("span", { className: "napkin-words" });
  // an <output> in a summary would swallow clicks
  const results = ["users", "cost_per_user_month"].map((name) => make("span", { className: "napkin-value", data: { name } }));
  const warned = make("span", { className: "napkin-warned" });
  const notice = make("p", { className: "napkin-notice", role: "status" });
  const set = make("ul", { className: "napkin-set" });
  const listed = (textContent, select) => make("div", {}, [make("label", { htmlFor: select.id, textContent }), select]);
  const option = ([value, textContent]) => make("option", { value, textContent, hidden: value === "some" });
  const [model, gpu] = ["model", "gpu"].map((name) => make("select",
    { id: `napkin-bar-${name}`, onchange: (event) => store.change({ [name]: event.target.value }) },
    ["", ...Object.keys(book[`${name}s`])].map((one) => option([one, (one || book.articles[name]) + (name === "gpu" ? offers(book, one) : "")]))));
  const counting = () => store.change(Object.fromEntries(book.flags.map((flag) => [flag, count.value === "all" ? 1 : 0])));
  const count = make("select", { id: "napkin-bar-count", onchange: counting },
    [["article", "as the article counts"], ["all", "everything (chapter 7)"], ["some", "some of it"]].map(option));

  const copying = copier(store);
  const reset = button("Start again", () => {
    copying.clear();
    store.replace({});
  });
  const everything = button("Reset everything", () => {
    copying.clear();
    const before = { ...store, record: readRecord() };
    store.forget();
    writeRecord(new Map());
    store.put({ notice: "Scenario, A and guesses are forgotten." });
    notice.append(" ", button("undo", () => {
      writeRecord(before.record);
      store.put({ scenario: before.scenario, kept: before.kept, along: before.along, notice: "" });
    }, { className: "napkin-drop" }));
  }, { title: "for the next reader on this machine: scenario, scenario A and guesses" });
  const ready = Object.entries(book.ready).map(([name, given]) => button(name, () => {
    store.put({ scenario: store.scenario.with(given), notice: "" });
  }, { title: "set how such users behave; model, GPU and prices stay" }));
  const keep = button("", () => store.put({ kept: store.kept ? null : store.scenario }));
  const comparing = comparison(book);
  const panel = make("div", { className: "napkin-panel" }, [
    make("div", { className: "napkin-lists" }, [listed("Model", model), listed("GPU", gpu), listed("What is counted", count)]),
    set,
    make("div", { className: "napkin-buttons napkin-readies", role: "group", ariaLabel: "Ready scenarios" }, ready),
    make("div", { className: "napkin-buttons" }, [...copying.buttons, keep, reset, everything]),
    copying.copied, copying.typed, comparing.box,
  ]);
  const summary = make("summary", { title: "Alt+S" }, [
    make("span", { className: "napkin-summary" }, [words, ...results.map((one) => make("span", { className: "napkin-bar-result" }, [one]))]),
    warned,
    make("span", { className: "napkin-open" }, ["change", make("span", { className: "napkin-wide", textContent: " · share · compare" })]),
    make("span", { className: "napkin-close", textContent: "close ×" })]);
  const details = make("details", { ontoggle: () => paintSet(store.scenario.case()) }, [summary, panel]);
  const bar = make("aside", { id: "napkin-scenario", className: "napkin-scenario", ariaLabel: "Your scenario" }, [notice, details]);
  bar.classList.toggle("is-short", !document.querySelector("figure.napkin-playground, [data-tell], [data-sum]"));
  document.body.append(bar);
  standAbove(bar, details, notice);
  attribute(summary, "aria-keyshortcuts", "Alt+S");
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.code !== "KeyS") return;
    event.preventDefault();
    details.open = !details.open;
    summary.focus();
  });
  bar.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    details.open = false;
    summary.focus();
  });

  // A button in the list of what is set: the list is made anew, and the focus goes where it was.
  const then = (act) => {
    act();
    summary.focus();
  };
  const changing = (text, act, ariaLabel = null) => button(text, () => then(act), { className: "napkin-drop", ariaLabel });
  function paintSet(now) {
    const { scenario } = store;
    const items = scenario.numbers().map(([name]) => {
      const said = `${now.label(name)} ${now.show(name)}`;
      const taken = store.stays(name) ? [", on this page only ", changing("take along", () => store.put({ along: [...store.along, name] }), `${said}: take along`)] : [];
      return [said, ...taken, " ", changing("as before", () => store.change({ [name]: null }), `${now.label(name)}: as before`)];
    });
    if (!("gpu_hour_price" in scenario.given) && now.answer("gpu_hour_price").value) items.push([`${now.label("gpu_hour_price")} ${now.show("gpu_hour_price")}: ${book.gpus[scenario.gpu]?.priced || book.articles.priced}`]);
    items.push(...notesOf(book, scenario).map((note) => noteText(note, (changes) => then(() => store.change(changes)))));
    set.replaceChildren(...items.map((parts) => make("li", {}, parts)));
  }

  let copiedOf = "";
  store.listen(() => {
    const { scenario } = store;
    const now = scenario.case();
    if (scenario.link !== copiedOf) copying.clear(); // what was copied is of another scenario
    copiedOf = scenario.link;
    say(words, inWords(book, scenario, now), true);
    const failed = Boolean(now.answer("users").why);
    for (const output of results) {
      const { name } = output.dataset;
      const { value } = now.answer(name);
      const told = now.text(name) + (name === "cost_per_user_month" && value !== undefined ? " a user-month" : "");
      say(output, failed && name !== "users" ? "" : told);
      attribute(output, "data-value", value === undefined ? null : String(value));
    }
    model.value = scenario.model;
    gpu.value = scenario.gpu;
    count.value = Array.isArray(scenario.count) ? "some" : scenario.count;
    say(notice, store.notice, true);
    const warnings = notesOf(book, scenario).length;
    say(warned, warnings ? `${warnings} ${warnings === 1 ? "note" : "notes"}` : "", true);
    reset.disabled = scenario.link === "count=article";
    say(keep, store.kept ? "Drop scenario A" : "Keep as A, to compare", true);
    comparing.paint(store.kept, now);
    if (details.open) paintSet(now);
  });
}

// What tells a GPU from its namesakes in the list: its memory and bandwidth, where they are published.
function offers(book, gpu) {
  const of = book.gpus[gpu] || book.start;
  return ["memory", "bandwidth"].map((name) => (of[name] ? ` · ${formatted(of[name], book.units[book.names[name][1]])}` : "")).join("");
}

// While the bar is open it covers nothing that is played with: pictures stay in sight above it, and the page can be scrolled free of it.
function standAbove(bar, details, notice) {
  new ResizeObserver(([{ borderBoxSize: [{ blockSize }] }]) => {
    const root = document.documentElement;
    if (details.open || notice.textContent) root.style.setProperty("--napkin-bar-height", `${Math.round(blockSize)}px`);
    else root.style.removeProperty("--napkin-bar-height");
  }).observe(bar);
}

// The scenario in words: model, GPU, what is asked of them, and whatever else is not as the article has it.
export function inWords(book, scenario, now) {
  const parts = [`${scenario.model || book.articles.model} on ${scenario.gpu || book.articles.gpu}`, now.show("context"), `${now.show("duty_cycle")} of the time`];
  const others = scenario.numbers().filter(([name]) => !["context", "duty_cycle"].includes(name));
  for (const [name] of others.slice(0, 3)) parts.push(`${now.label(name)} ${now.show(name)}`);
  if (others.length > 3) parts.push(`${others.length - 3} more`);
  const { count } = scenario;
  if (count !== scenario.implied) parts.push(count === "article" ? "as the article counts" : count === "all" ? "everything counted" : `counting ${count.join(", ")}`);
  return parts.join(" · ");
}

// Buttons that copy the scenario, and the field that shows what was copied.
function copier(store) {
  const copied = make("p", { className: "napkin-copied", role: "status" });
  const typed = make("input", { type: "text", readOnly: true, className: "napkin-copy", ariaLabel: "copied text", hidden: true });
  function clear() {
    say(copied, "", true);
    typed.hidden = true;
  }
  async function copy(text, what) {
    clear();
    typed.value = text;
    typed.hidden = false;
    const done = `Copied ${what}:`;
    try {
      await navigator.clipboard.writeText(text);
      copied.textContent = done;
    } catch {
      typed.focus();
      typed.select();
      copied.textContent = document.execCommand?.("copy") ? done : "Select and copy:";
    }
  }
  const buttons = [
    ["Copy link", "the link", () => store.address()],
    ["Copy as Python", "as Python", () => store.scenario.python],
    ["Copy as command line", "as command line", () => store.scenario.command],
  ].map(([text, what, write]) => button(text, () => copy(write(), what)));
  return { copied, typed, buttons, clear };
}

// A table of the scenario that is kept beside the one in force.
function comparison(book) {
  const table = make("table", { className: "napkin-compare", hidden: true });
  const box = make("div", { className: "napkin-compare-box", tabIndex: 0, role: "region", ariaLabel: "Two scenarios compared", hidden: true }, [table]);
  const cell = (tag, textContent, more = {}) => make(tag, { textContent, ...more });
  function paint(kept, now) {
    for (const one of [box, table]) one.hidden = !kept;
    if (!kept) return;
    const then = kept.case();
    const rows = book.headlines.map((name) => {
      const ratio = now.number(name) / then.number(name);
      return make("tr", {}, [cell("th", now.label(name), { scope: "row" }), cell("td", then.text(name)), cell("td", now.text(name)),
        cell("td", Number.isFinite(ratio) ? `× ${formatted(ratio, book.units["1"], 3)}` : "—")]);
    });
    const heads = ["result", "A", "now", "now : A"].map((text) => cell("th", text, { scope: "col" }));
    table.replaceChildren(make("caption", { textContent: `A: ${inWords(book, kept, then)}` }), make("thead", {}, [make("tr", {}, heads)]), make("tbody", {}, rows));
  }
  return { box, paint };
}
