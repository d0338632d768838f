// What is in force and what it comes to, as in scenario.py: every value, or the one reason why there is none.
import { formatted } from "./numbers.js";
import { chosenWords } from "./sentences.js";

// `knowledge` is the book's, or a playground's own: compute, names, units, needs, reasons, neutral. `unknown` tells of
// inputs that nobody publishes.
export class Case {
  #runs = new Map();

  constructor(knowledge, inputs, unknown = {}) {
    this.knowledge = knowledge;
    this.unknown = unknown;
    this.inputs = { ...inputs, ...this.#unknownAs(NaN) };
    this.out = knowledge.compute(this.inputs);
  }
  #unknownAs(value) {
    return Object.fromEntries(Object.keys(this.unknown).map((name) => [name, value]));
  }
  // The same with other inputs; the numbers among them are known then.
  with(inputs) {
    const unknown = Object.entries(this.unknown).filter(([name]) => !Number.isFinite(inputs[name]));
    return new Case(this.knowledge, { ...this.inputs, ...inputs }, Object.fromEntries(unknown));
  }

  number(name) {
    return this.out[name] ?? this.inputs[name];
  }
  answer(name) {
    const value = this.number(name);
    return Number.isFinite(value) ? { value, why: "" } : { value: undefined, why: this.#why(name) };
  }
  // First a fact that nobody publishes, if the quantity is computed from it; else the first guard that is not above zero.
  #why(name) {
    const { needs, reasons, neutral } = this.knowledge;
    const unknown = Object.keys(this.unknown).find((one) => this.#dependsOn(name, one));
    if (unknown) return this.unknown[unknown];
    const guard = needs[name]?.find((one) => !(this.out[one] > 0) && this.#dependsOn(name, one));
    return guard ? this.filled(chosenWords(reasons[guard], this.inputs, neutral)) : "beyond what a number can hold";
  }
  // Whether a quantity is gone with an unknown input alone, or with a guard alone: all other inputs are numbers then, and
  // all other guards are waived.
  #dependsOn(name, one) {
    if (!this.#runs.has(one)) {
      const inputs = { ...this.inputs, ...this.#unknownAs(1), ...(one in this.unknown && { [one]: NaN }) };
      const waived = Object.fromEntries(Object.keys(this.knowledge.reasons).map((guard) => [guard, guard !== one]));
      this.#runs.set(one, { ...inputs, ...this.knowledge.compute(inputs, waived) });
    }
    return Number.isNaN(this.#runs.get(one)[name]);
  }

  label(name) {
    return this.knowledge.names[name][0];
  }
  // A value of a quantity as people read it, by itself and with what it is counted by ("a user-month").
  show(name, value = this.number(name), digits = undefined) {
    const [, unit, usual] = this.knowledge.names[name];
    return formatted(value, this.knowledge.units[unit], digits ?? usual);
  }
  text(name) {
    const { value, why } = this.answer(name);
    return why || this.show(name, value);
  }
  // A sentence with its {names} filled in.
  filled(sentence) {
    return sentence.replace(/\{(\w+)\}/g, (_, name) => this.show(name));
  }
}
