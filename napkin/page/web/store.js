// One scenario for the whole book: kept between pages and reloads, restored from links, told to everything on the page.

const napkinStore = {
  book: globalThis.napkinBook,
  scenario: napkinNothing(),
  kept: null, // a scenario to compare with
  mistakes: false, // whether this page shows the article's mistakes
  notice: "",
  listeners: [], // [listener, what must be in sight for it not to wait, or nothing]
  sight: new Set(), // the texts that are on the screen, or near it
  late: [],

  // The scenario with what holds on this page only.
  here() {
    if (!this.mistakes) return this.scenario;
    return { ...this.scenario, given: { ...this.scenario.given, as_the_article: 1 } };
  },
  // What a reader does to one input: text out of sight may follow when the slider rests.
  change(changes) {
    this.scenario = napkinChanged(this.book, this.scenario, changes);
    this.notice = "";
    this.say();
    this.soon();
  },
  replace(scenario) {
    this.scenario = scenario;
    this.notice = "";
    this.tell();
  },
  keep(scenario) {
    this.kept = scenario;
    this.tell();
  },
  showMistakes(on) {
    this.mistakes = on;
    this.tell();
  },
  tell() {
    this.say();
    this.catchUp();
    this.soon();
  },
  soon() {
    clearTimeout(this.saving);
    this.saving = setTimeout(() => this.save(), 150);
  },
  // Playgrounds, and text in sight, change in the frame in which a slider moves. Text out of sight waits until it rests:
  // a paragraph that grows by a line moves all the page, and no frame is long enough for that.
  say() {
    this.late = [];
    for (const [listener, text] of this.listeners) {
      if (!text || this.sight.has(text)) listener();
      else this.late.push(listener);
    }
    clearTimeout(this.resting);
    if (this.late.length) this.resting = setTimeout(() => this.catchUp(), 100);
  },
  catchUp() {
    for (const listener of this.late.splice(0)) listener();
  },
  // Told only when a slider rests.
  rest(listener) {
    this.listeners.push([listener, listener]);
    listener();
  },
  listen(listener, text) {
    this.listeners.push([listener, text]);
    if (text) this.observer.observe(text);
    listener();
  },
  observer: new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) napkinStore.sight[isIntersecting ? "add" : "delete"](target);
  }, { rootMargin: "100px" }),

  save() {
    clearTimeout(this.saving);
    this.write("napkin-scenario", napkinLink(this.book, this.scenario));
    this.write("napkin-kept", this.kept ? napkinLink(this.book, this.kept) : null);
  },
  // Storage may be missing, full or forbidden: then links between pages carry the scenario.
  write(key, text) {
    try {
      if (text === null) localStorage.removeItem(key);
      else localStorage.setItem(key, text);
    } catch {
      this.unsaved = true;
    }
  },
  read(key) {
    try {
      return napkinParse(this.book, localStorage.getItem(key) || "")?.scenario || null;
    } catch {
      this.unsaved = true;
      return null;
    }
  },
  load() {
    this.scenario = this.read("napkin-scenario") || napkinNothing();
    this.kept = this.read("napkin-kept");
  },

  // A link replaces the scenario; what cannot be understood in it is left out, with a quiet word.
  follow(hash) {
    const found = napkinParse(this.book, hash.replace(/^#/, ""));
    if (!found) return;
    if (found.scenario) this.scenario = found.scenario;
    const left = found.ignored === 1 ? "One part" : `${found.ignored} parts`;
    this.notice = !found.scenario ? "The link holds no scenario that this book understands, so yours is as it was."
      : found.ignored ? `The scenario is the link’s. ${left} of it could not be understood and had no effect.` : "The scenario is the link’s.";
    try {
      history.replaceState(null, "", location.pathname + location.search); // or a reload would bring it back
    } catch {
      // the address stays, and so does what it says
    }
    this.tell();
  },
};

// The address of a page with the scenario.
function napkinAddress(page) {
  return `${page.split("#")[0]}#${napkinLink(napkinStore.book, napkinStore.scenario)}`;
}

// On a page, playgrounds queue up before this script runs, and come to life at once after it has.
function napkinStart() {
  const store = napkinStore;
  const { book } = store;
  store.load();
  if (location.hash) store.follow(location.hash);
  const start = ([id, spec, compute]) => {
    const figure = document.getElementById(id);
    if (!figure) return;
    const takes = new Set(spec.takes);
    const host = {
      change: (name, value) => store.change({ [name]: value }),
      choose: (catalogue, name) => store.change({ [catalogue]: name }),
      reset: () => store.replace(napkinWithout(store.scenario, [...Object.keys(spec.start), ...spec.takes], spec.controls)),
    };
    const view = napkinHydrate(figure, spec, compute, host);
    let last = "";
    if (view) {
      store.listen(() => {
        const { inputs, unknown } = napkinResolve(book, store.here(), spec.start, takes);
        const kept = store.kept && napkinResolve(book, store.kept, spec.start, takes).inputs;
        const now = JSON.stringify([inputs, kept, store.scenario.model, store.scenario.gpu]);
        if (now === last) return;
        last = now;
        view.set(inputs, { unknown, kept, chosen: store.scenario });
      });
    }
  };
  const waiting = globalThis.napkin || [];
  globalThis.napkin = { push: start };
  waiting.forEach(start);
  napkinMistakes();
  napkinTurn();
  napkinRanking();
  napkinLive();
  napkinBar();
  window.addEventListener("hashchange", () => store.follow(location.hash));
  window.addEventListener("pagehide", () => store.save());
  window.addEventListener("beforeprint", () => store.catchUp());
  window.addEventListener("storage", (event) => {
    if (event.key !== "napkin-scenario" && event.key !== "napkin-kept") return;
    store.load();
    store.say();
    store.catchUp();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || !(store.unsaved || location.protocol === "file:")) return;
    if (link.protocol === location.protocol && link.host === location.host && /\.html$/.test(link.pathname) && !link.hash) {
      link.href = napkinAddress(link.href);
    }
  }, true);
}

// A scenario without what a playground shows: its inputs, and the names if it offers them.
function napkinWithout(scenario, names, controls) {
  const next = { ...scenario, given: { ...scenario.given } };
  for (const name of names) delete next.given[name];
  for (const control of controls) if (control.catalogue) next[control.name] = "";
  return next;
}

if (globalThis.napkinBook && !globalThis.napkinReady) {
  globalThis.napkinReady = true;
  // the other files of the front end are deferred as well, and this one is the last of them
  napkinStart();
}
