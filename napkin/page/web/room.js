// Where the views of one kernel meet in Jupyter. Each widget is a script of its own, and they load in any order: who comes
// before the keeper (lab.js) waits.
const rooms = (globalThis.napkinRooms ||= new Map());

export function room(name) {
  if (!rooms.has(name)) {
    let open = null;
    const opened = new Promise((resolve) => { open = resolve; });
    rooms.set(name, { opened, open, close: () => rooms.delete(name) });
  }
  return rooms.get(name);
}

// Has the keeper look after what a view shows, and after the text of the notebook around it; `controls` are what it moves:
// {input: { label, stops }}.
export const enter = (model, element, controls = {}) => room(model.get("_room")).opened.then((lookAfter) => lookAfter(element, controls));

// A card that is finished HTML: the keeper brings it to life.
let views = 0;
export const card = {
  render({ model, el }) {
    views += 1; // several views of one card may share a page, their labels must not
    el.innerHTML = model.get("_html").replace(/(?<= (?:id|for)=")turn-/g, `turn-${views}-`);
    enter(model, el);
  },
};
export const ranking = (result, slopes) => {
  (globalThis.napkinSlopes ||= {})[result] = slopes;
  return card;
};
