// One scenario for the whole book: kept between pages and reloads, restored from links, told to everything on the page.
import { isPressed } from "./drag.js";
import { Scenario } from "./scenario.js";

export const store = {
  book: globalThis.napkinBook,
  scenario: new Scenario(globalThis.napkinBook),
  kept: null, // a scenario to compare with
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
    this.put({ scenario: new Scenario(this.book, scenario), notice: "" });
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
  rest(listener) {
    this.listeners.push([listener, listener]);
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

  save() {
    clearTimeout(this.saving);
    this.write("napkin-scenario", this.scenario.link);
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
    this.scenario = this.read("napkin-scenario") || new Scenario(this.book);
    this.kept = this.read("napkin-kept");
  },

  // The address of a page with the scenario.
  address(page) {
    return `${page.split("#")[0]}#${this.scenario.link}`;
  },
  // A link replaces the scenario; what cannot be understood in it is left out, with a quiet word.
  follow(hash) {
    const found = Scenario.fromLink(this.book, hash.replace(/^#/, ""));
    if (!found) return;
    const left = found.ignored === 1 ? "One part" : `${found.ignored} parts`;
    const notice = !found.scenario ? "The link holds no scenario that this book understands, so yours is as it was."
      : found.ignored ? `The scenario is the link’s. ${left} of it could not be understood and had no effect.` : "The scenario is the link’s.";
    try {
      history.replaceState(null, "", location.pathname + location.search); // or a reload would bring it back
    } catch {
      // the address stays, and so does what it says
    }
    this.put({ scenario: found.scenario || this.scenario, notice });
  },
};
