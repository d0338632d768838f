// The bar on every page: the scenario in words, users and dollars, what to do with it, and a second scenario beside it.

function napkinBar() {
  const store = napkinStore;
  const { book } = store;
  const everything = new Set(Object.keys(book.names));
  const make = (tag, more = {}, children = []) => {
    const { data, ...properties } = more;
    const element = Object.assign(document.createElement(tag), properties);
    for (const name in data) element.dataset[name] = data[name];
    element.append(...children);
    return element;
  };
  const button = (text, act) => make("button", { type: "button", textContent: text, onclick: act });

  const words = make("span", { className: "napkin-words" });
  const results = ["users", "cost_per_user_month"].map((name) => {
    const output = make("span", { className: "napkin-value", data: { name } }); // an <output> in a summary would swallow clicks
    return { name, output, box: make("span", { className: "napkin-bar-result" }, [output]) };
  });
  const notice = make("p", { className: "napkin-notice", role: "status" });
  const copied = make("p", { className: "napkin-copied", role: "status" });
  const typed = make("input", { type: "text", readOnly: true, className: "napkin-copy", ariaLabel: "copied text", hidden: true });
  const set = make("ul", { className: "napkin-set" });
  const lists = ["model", "gpu"].map((name) => {
    const select = make("select", { id: `napkin-bar-${name}`, onchange: () => store.change({ [name]: select.value }) });
    select.append(...["", ...Object.keys(book[`${name}s`])].map((one) => make("option", { value: one, textContent: one || book.articles[name] })));
    return { name, select, box: make("div", {}, [make("label", { htmlFor: select.id, textContent: name === "gpu" ? "GPU" : "Model" }), select]) };
  });
  const count = make("select", { id: "napkin-bar-count" });
  count.append(make("option", { value: "article", textContent: "as the article counts" }), make("option", { value: "all", textContent: "everything (chapter 7)" }),
    make("option", { value: "some", textContent: "some of it", hidden: true }));
  count.onchange = () => store.change(Object.fromEntries(book.flags.map((flag) => [flag, count.value === "all" ? 1 : 0])));
  const counted = make("div", {}, [make("label", { htmlFor: count.id, textContent: "What is counted" }), count]);

  const reset = button("Article’s numbers", () => {
    say("");
    store.replace(napkinNothing());
  });
  const keep = button("", () => store.keep(store.kept ? null : store.scenario));
  const copies = [
    ["Copy link", () => napkinAddress(location.href)],
    ["Copy as Python", () => napkinPython(book, store.scenario)],
    ["Copy as command line", () => napkinCommand(book, store.scenario)],
  ].map(([text, write]) => button(text, () => copy(write(), text.replace("Copy ", ""))));
  const table = make("table", { className: "napkin-compare", hidden: true });
  const scroller = make("div", { className: "napkin-compare-box", tabIndex: 0, role: "region", ariaLabel: "Two scenarios compared", hidden: true }, [table]);
  const panel = make("div", { className: "napkin-panel" }, [
    notice,
    make("div", { className: "napkin-lists" }, [...lists.map((one) => one.box), counted]),
    set,
    make("div", { className: "napkin-buttons" }, [reset, ...copies, keep]),
    copied, typed, scroller,
  ]);
  const summary = make("summary", {}, [make("span", { className: "napkin-summary" }, [words, ...results.map((one) => one.box)]),
    make("span", { className: "napkin-open" }, ["change", make("span", { className: "napkin-wide", textContent: " · share · compare" })])]);
  const details = make("details", {}, [summary, panel]);
  const bar = make("aside", { id: "napkin-scenario", className: "napkin-scenario", ariaLabel: "Your scenario" }, [details]);
  document.body.append(bar);
  bar.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    details.open = false;
    summary.focus();
  });

  function say(text) {
    napkinSay(copied, text, true);
    napkinAttribute(typed, "hidden", "");
  }
  async function copy(text, what) {
    say("");
    typed.value = text;
    typed.hidden = false;
    try {
      await navigator.clipboard.writeText(text);
      copied.textContent = `Copied ${what === "link" ? "the link" : what}:`;
    } catch {
      typed.focus();
      typed.select();
      copied.textContent = document.execCommand?.("copy") ? `Copied ${what === "link" ? "the link" : what}:` : "Select and copy:";
    }
  }

  function compute(scenario) {
    const { inputs, unknown } = napkinResolve(book, scenario, book.start, everything);
    const out = book.compute(inputs);
    const told = (name) => (Number.isFinite(out[name]) ? napkinShow(book, name, out[name]) : napkinReason(book, name, out, inputs, unknown));
    return { inputs, unknown, out, told };
  }
  // The scenario in words: model, GPU, what is asked of them, and whatever else is not as the article has it.
  function inWords(scenario, inputs) {
    const said = (name) => napkinShow(book, name, inputs[name]);
    const parts = [`${scenario.model || book.articles.model} on ${scenario.gpu || book.articles.gpu}`, said("context"), `${said("duty_cycle")} of the time`];
    const others = napkinGiven(book, scenario).filter(([name]) => !["context", "duty_cycle"].includes(name));
    for (const [name] of others.slice(0, 3)) parts.push(`${book.names[name][0]} ${said(name)}`);
    if (others.length > 3) parts.push(`${others.length - 3} more`);
    const counts = napkinCount(book, scenario);
    if (counts !== (scenario.model || scenario.gpu ? "all" : "article")) parts.push(counts === "article" ? "as the article counts" : counts === "all" ? "everything counted" : `counting ${counts.join(", ")}`);
    return parts.join(" · ");
  }

  // How many GPUs would hold what does not fit on one, 2 to 64; undefined where it fits, or nothing holds it.
  function gpusThatHold(scenario) {
    if (book.layout.some((name) => (scenario.given[name] ?? 1) !== 1)) return undefined;
    const carried = (count) => compute({ ...scenario, given: { ...scenario.given, tensor_parallel: count } }).out.sequences_that_fit;
    return carried(1) >= 1 ? undefined : [2, 4, 8, 16, 32, 64].find((count) => carried(count) >= 1);
  }

  function paintSet(scenario, inputs) {
    const limit = book.models[scenario.model]?.context;
    const items = napkinGiven(book, scenario).map(([name]) => {
      const label = book.names[name][0];
      const drop = make("button", { type: "button", className: "napkin-drop", textContent: "as before", ariaLabel: `${label}: as before`, onclick: () => {
        store.change({ [name]: null });
        summary.focus();
      } });
      return make("li", {}, [`${label} ${napkinShow(book, name, inputs[name])} `, drop]);
    });
    if (limit && inputs.context > limit) items.push(make("li", { textContent: `This context is beyond the ${napkinShow(book, "context", limit)} that ${scenario.model} was made for.` }));
    if (scenario.gpu && !("gpu_hour_price" in scenario.given)) {
      items.push(make("li", { textContent: `The rent is still ${napkinShow(book, "gpu_hour_price", inputs.gpu_hour_price)} an hour: prices do not come with a GPU.` }));
    }
    const gpus = gpusThatHold(scenario);
    if (gpus) {
      const share = button(`share it among ${gpus}`, () => {
        store.change({ tensor_parallel: gpus });
        summary.focus();
      });
      share.className = "napkin-drop";
      items.push(make("li", {}, [`One GPU does not hold it, ${gpus} do (chapter 9): `, share]));
    }
    set.replaceChildren(...items);
  }

  function paintCompare(now) {
    for (const one of [scroller, table]) napkinAttribute(one, "hidden", store.kept ? null : "");
    napkinSay(keep, store.kept ? "Drop scenario A" : "Keep as A, to compare", true);
    if (!store.kept) return;
    const then = compute(store.kept);
    const cell = (tag, text) => make(tag, { textContent: text, scope: tag === "th" ? "col" : undefined });
    const rows = book.headlines.map((name) => {
      const [a, b] = [then.out[name], now.out[name]];
      const head = make("th", { textContent: book.names[name][0], scope: "row" });
      return make("tr", {}, [head, cell("td", then.told(name)), cell("td", now.told(name)),
        cell("td", Number.isFinite(b / a) ? `× ${napkinFormatted(b / a, book.units["1"], 3)}` : "—")]);
    });
    table.replaceChildren(make("caption", { textContent: `A: ${inWords(store.kept, then.inputs)}` }),
      make("thead", {}, [make("tr", {}, ["", "A", "now", "now : A"].map((text) => cell("th", text)))]), make("tbody", {}, rows));
    table.rows[0].cells[0].textContent = "result";
  }

  let copiedOf = "";
  store.listen(() => {
    const now = compute(store.scenario);
    if (napkinLink(book, store.scenario) !== copiedOf) say(""); // what was copied is of another scenario
    copiedOf = napkinLink(book, store.scenario);
    napkinSay(words, inWords(store.scenario, now.inputs), true);
    const failed = !Number.isFinite(now.out.users);
    for (const { name, output } of results) {
      const value = now.out[name];
      napkinSay(output, failed && name !== "users" ? "" : now.told(name) + (name === "cost_per_user_month" && Number.isFinite(value) ? " a user-month" : ""));
      napkinAttribute(output, "data-value", Number.isFinite(value) ? String(value) : null);
    }
    for (const { name, select } of lists) select.value = store.scenario[name];
    const counts = napkinCount(book, store.scenario);
    count.value = Array.isArray(counts) ? "some" : counts;
    napkinSay(notice, store.notice, true);
    bar.classList.toggle("has-notice", store.notice !== "");
    if (store.notice && !details.open) summary.title = store.notice;
    reset.disabled = napkinLink(book, store.scenario) === "count=article";
    paintCompare(now);
    if (details.open) paintSet(store.scenario, now.inputs);
  });
  details.addEventListener("toggle", () => {
    const now = compute(store.scenario);
    paintSet(store.scenario, now.inputs);
    paintCompare(now);
  });
}
