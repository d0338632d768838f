// A playground in Jupyter, as an anywidget: the same front end, with the kernel as the one who keeps the inputs.
import { hydrate } from "./playground.js";
import { enter } from "./room.js";

let views = 0;

export const playground = (compute) => ({
  render({ model, el }) {
    const spec = structuredClone(model.get("_spec"));
    // several views of one playground may share a page, their labels must not
    views += 1;
    el.innerHTML = model.get("_html").replaceAll(`${spec.id}--`, `${spec.id}-${views}--`);
    const send = (name, value) => {
      model.set(name, value);
      model.save_changes();
    };
    const host = {
      change(name, value) {
        const now = model.get("value");
        const next = { ...now, [name]: value };
        for (const [follower, followed] of spec.follows) {
          if (followed === name && follower in next) next[follower] *= now[name] / value;
        }
        send("value", next);
      },
      choose: (catalogue, name) => send("chosen", { ...model.get("chosen"), [catalogue]: name }),
      reset: () => send("_resets", model.get("_resets") + 1),
    };
    const controls = spec.controls.filter(({ stops }) => stops);
    enter(model, el, Object.fromEntries(controls.map(({ name, stops }) => [name, { label: spec.names[name][0], stops }])));
    const view = hydrate(el.querySelector("figure"), { ...spec, inputs: model.get("value") }, compute, host);
    const follow = () => view.set(model.get("value"), { chosen: model.get("chosen"), unknown: model.get("unknown") });
    const names = ["value", "chosen", "unknown"];
    names.forEach((name) => model.on(`change:${name}`, follow));
    follow();
    return () => names.forEach((name) => model.off(`change:${name}`, follow));
  },
});
