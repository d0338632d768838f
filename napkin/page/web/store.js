// One scenario for the whole book: kept between pages and reloads, restored from links, told to everything on the page.
import { addressOf, readAddress } from "./address.js";
import { isPressed } from "./drag.js";
import { Scenario } from "./scenario.js";

export const store = {
  book: globalThis.napkinBook,
  scenario: new Scenario(globalThis.napkinBook),
  kept: null, // a scenario to compare with
  along: [], // local inputs that the reader takes along to other pages
  place: location.pathname.split("/").pop().replace(/\.html$/, "") || "index",
  mistakes: false, // whether this page shows the article's mistakes
  notice: "",
  controls: {}, // what the playgrounds of this page move: {input: { label, stops }}
  listeners: [], // [listener, what must be in sight for it not to wait, or nothing]
  sight: new Set(), // the texts that are on the screen, or near it
  late: [],

  // The scenario with what holds on this page only.
  here() {
    return this.mistakes ? this.scenario.with({ as_the_article: 1 }) : this.scenario;
  },
  // What a reader does to one input: text out of sight may follow when the slider rests.
  change(...changes) {
    this.set({ scenario: this.scenario.with(...changes), notice: "" });
  },
  replace(scenario) {
    this.put({ scenario: new Scenario(this.book, scenario), along: [], notice: "" });
  },
  // What is not moved but pressed shows at once everywhere.
  put(changes) {
    this.set(changes);
    this.catchUp();
  },
  set(changes) {
    Object.assign(this, changes);
    this.say();
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
    if (this.late.length) this.resting = setTimeout(() => this.whenAtRest(), 100);
  },
  whenAtRest() {
    if (isPressed()) this.resting = setTimeout(() => this.whenAtRest(), 100);
    else this.catchUp();
  },
  catchUp() {
    for (const listener of this.late.splice(0)) listener();
  },
  // Told only when a slider rests.
  rest(listener, key = listener) {
    this.listeners.push([listener, key]);
    listener();
  },
  listen(listener, text) {
    this.listeners.push([listener, text]);
    if (text) this.observer.observe(text);
    listener();
  },
  // No longer tells those whose text is one of these.
  drop(isGone) {
    this.listeners = this.listeners.filter(([, text]) => {
      const gone = text instanceof Element && isGone(text);
      if (gone) this.observer.unobserve(text);
      return !gone;
    });
  },
  observer: new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) store.sight[isIntersecting ? "add" : "delete"](target);
  }, { rootMargin: "100px" }),

  // Whether what a reader sets of an input stays on this page: it belongs to one chapter's argument, and nobody took it along.
  // What is set on the first page holds everywhere.
  stays(name) {
    return this.place !== "index" && Boolean(this.book.inputs[name].local) && !this.along.includes(name);
  },
  locals: ({ given }) => Object.keys(given).filter((name) => store.book.inputs[name].local),
  // The scenario with only the inputs that stay, or only those that travel.
  part(isKept) {
    return new Scenario(this.book, { ...this.scenario, given: Object.fromEntries(Object.entries(this.scenario.given).filter(([name]) => isKept(name))) });
  },
  save() {
    clearTimeout(this.saving);
    const here = this.part((name) => this.stays(name));
    this.write("napkin-scenario", this.part((name) => !this.stays(name)).link);
    this.write(`napkin-here-${this.place}`, Object.keys(here.given).length ? here.link : "");
    this.write("napkin-kept", this.kept?.link);
  },
  // Storage may be missing, full or forbidden: then links between pages carry the scenario.
  stored(act) {
    try {
      return act();
    } catch {
      this.unsaved = true;
      return null;
    }
  },
  write(key, text) {
    this.stored(() => (text ? localStorage.setItem(key, text) : localStorage.removeItem(key)));
  },
  read(key) {
    return this.stored(() => Scenario.fromLink(this.book, localStorage.getItem(key) || ""))?.scenario || null;
  },
  load() {
    const travels = this.read("napkin-scenario") || new Scenario(this.book);
    const here = this.read(`napkin-here-${this.place}`);
    this.along = this.locals(travels);
    const given = here && here.model === travels.model ? Object.entries(here.given).filter(([name]) => this.stays(name)) : [];
    this.scenario = new Scenario(this.book, { ...travels, given: { ...travels.given, ...Object.fromEntries(given) } });
    this.kept = this.read("napkin-kept");
  },
  // Nothing is left of what a reader did: neither here nor on other pages.
  forget() {
    this.stored(() => Object.keys(localStorage).filter((key) => key.startsWith("napkin-here-")).forEach((key) => localStorage.removeItem(key)));
    this.put({ scenario: new Scenario(this.book), kept: null, along: [], notice: "" });
    this.save();
  },

  // The address of this page with all that holds on it, which opens `at` a figure, or shows it `alone`.
  address({ at, alone } = {}) {
    return addressOf(location.href, { ...this, at, alone });
  },
  // The address of another page with what travels there.
  addressThere(page) {
    const scenario = this.part((name) => !this.stays(name));
    return addressOf(page, { ...this, scenario, along: this.locals(scenario) });
  },
  // A link replaces the scenario; what cannot be understood in it is left out, with a quiet word. Returns what the link asks of the page.
  follow(hash) {
    const found = readAddress(this.book, hash.replace(/^#/, ""));
    if (!found) return {};
    const { scenario, ignored, kept, along } = found;
    const left = ignored === 1 ? "One part" : `${ignored} parts`;
    const notice = ignored && !scenario ? "The link holds no scenario that this book understands, so yours is as it was."
      : ignored ? `The scenario is the link’s. ${left} of it could not be understood and had no effect.` : scenario ? "The scenario is the link’s." : "";
    try {
      history.replaceState(null, "", location.pathname + location.search); // or a reload would bring it back
    } catch {
      // the address stays, and so does what it says
    }
    this.put({ ...(scenario && { scenario, along }), ...(kept && { kept }), notice });
    return found;
  },
};
