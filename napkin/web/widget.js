// The end of the anywidget module: the same front end, with the kernel as the one who listens.
let napkinViews = 0;
export default {
  render({ model, el }) {
    const spec = structuredClone(model.get("_spec"));
    // several views of one playground may share a page, their labels must not
    napkinViews += 1;
    el.innerHTML = model.get("_html").replaceAll(`${spec.id}--`, `${spec.id}-${napkinViews}--`);
    const view = napkinHydrate(el.querySelector("figure"), { ...spec, inputs: model.get("value") }, napkinCompute, (inputs) => {
      model.set("value", inputs);
      model.save_changes();
    });
    const follow = () => view.set(model.get("value"));
    model.on("change:value", follow);
    return () => model.off("change:value", follow);
  },
};
