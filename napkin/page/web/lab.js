// The book's script in Jupyter. The kernel keeps the scenario; the sentences, sums and tables of its notebooks follow it, and
// so do the cards, by the very modules that a built page has.
import { followText } from "./live.js";
import { room } from "./room.js";
import { Scenario } from "./scenario.js";
import { store } from "./store.js";
import { rank, turnAround } from "./turn.js";

export const keeper = {
  initialize({ model }) {
    const { open, close } = room(model.get("name"));
    const take = () => {
      store.scenario = new Scenario(store.book, model.get("scenario"));
      store.say();
    };
    store.save = () => {
      clearTimeout(store.saving);
      const { scenario: { model: named, gpu, given } } = store;
      model.set("scenario", { model: named, gpu, given });
      model.save_changes();
    };
    take();
    model.on("change:scenario", take);

    const follow = followText(store, []);
    const notebooks = new Set();
    let due = 0;
    function look() {
      due = 0;
      follow([...notebooks].filter((one) => one.dataset.napkinRoom === model.get("name")));
    }
    // Cells are run again, and JupyterLab takes those out of the page that are far from what is seen.
    const watching = new MutationObserver((records) => {
      const isNew = ({ addedNodes }) => [...addedNodes].some((node) => node.nodeType === Node.ELEMENT_NODE);
      if (!due && records.some(isNew)) due = requestAnimationFrame(look);
    });
    function settle(element) {
      const notebook = element.closest(".jp-Notebook") || document.body;
      notebook.dataset.napkinRoom = model.get("name"); // after a restart the new kernel's
      if (!notebooks.has(notebook)) watching.observe(notebook, { childList: true, subtree: true });
      notebooks.add(notebook);
      look();
    }
    open((element, controls) => {
      store.controls = { ...controls, ...store.controls };
      // A view is made before it stands in the page.
      const placed = new ResizeObserver(() => {
        if (!element.isConnected) return;
        placed.disconnect();
        settle(element);
      });
      placed.observe(element);
      turnAround(store, element);
      rank(store, element);
    });
    return () => {
      watching.disconnect();
      model.off("change:scenario", take);
      close();
    };
  },
  render: () => {},
};
