/* What the theme's frame needs of a script, in place of Bootstrap's 81 kB: a menu, the way back to the top,
   scrolling and focus by keyboard, light paper. Tooltips are the browser's own. */
"use strict";

function napkinMenus() {
  for (const button of document.querySelectorAll('[data-bs-toggle="dropdown"]')) {
    const menu = button.nextElementSibling;
    const show = (open) => {
      menu.classList.toggle("show", open);
      button.setAttribute("aria-expanded", String(open));
    };
    button.addEventListener("click", () => show(button.getAttribute("aria-expanded") !== "true"));
    document.addEventListener("click", (event) => {
      if (!button.contains(event.target)) show(false);
    });
    button.parentElement.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      show(false);
      button.focus();
    });
    button.parentElement.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !button.parentElement.contains(event.relatedTarget)) show(false);
    });
  }
  for (const button of document.querySelectorAll("[data-bs-title]:not([title])")) button.title = button.dataset.bsTitle;
}

function napkinBackToTop() {
  const button = document.getElementById("pst-back-to-top");
  if (!button) return;
  let before = window.scrollY;
  button.addEventListener("click", () => window.scrollTo(0, 0));
  window.addEventListener("scroll", () => {
    button.style.display = window.scrollY < before && window.scrollY > 0 ? "block" : "none";
    before = window.scrollY;
  }, { passive: true });
}

/* What scrolls sideways inside itself can be reached by Tab, also where it was folded away when the page came. */
function napkinTabStops() {
  for (const box of document.querySelectorAll("pre, .math-scroll, span.math.long, .pst-scrollable-table-container, .napkin-estimate details > div")) {
    if (box.scrollWidth > box.clientWidth + 1 && box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

/* The theme takes the focus off a button that was clicked, for its tooltip's sake; a keyboard stays where it was. */
function napkinFocus() {
  document.addEventListener("click", (event) => {
    const button = event.detail === 0 && event.target.closest(".bd-header-article button");
    if (button && !document.querySelector("dialog[open]")) button.focus();
  });
  for (const side of ["primary", "secondary"]) {
    const dialog = document.getElementById(`pst-${side}-sidebar-modal`);
    const button = document.querySelector(`.${side}-toggle`);
    if (dialog && button) dialog.addEventListener("close", () => button.focus());
  }
}

/* One switch for the code of the whole book. Each piece opens by its own link too, with a script or without. */
function napkinCode() {
  const button = document.querySelector(".napkin-code-switch");
  if (!button) return;
  let shown = false;
  const stored = () => {
    try {
      return localStorage.getItem("napkin-code") === "shown";
    } catch {
      return shown;
    }
  };
  const show = (all) => {
    shown = all;
    document.documentElement.classList.toggle("has-code", all);
    for (const one of document.querySelectorAll("details.napkin-code.is-switched")) one.open = all;
    button.textContent = all ? "Fold the code" : "Show the code";
  };
  button.addEventListener("click", () => {
    show(!shown);
    try {
      localStorage.setItem("napkin-code", shown ? "shown" : "folded");
    } catch { /* then it holds as long as the page */ }
  });
  window.addEventListener("storage", (event) => event.key === "napkin-code" && show(stored()));
  window.addEventListener("pageshow", (event) => event.persisted && stored() !== shown && show(stored()));
  button.hidden = false;
  if (stored()) show(true);
}

/* Paper is light, and nobody can unfold it: hints, solutions and answers are printed open; code and claims as they are on the screen. */
function napkinPaper() {
  const root = document.documentElement;
  let theme;
  let folded = [];
  window.addEventListener("beforeprint", () => {
    theme = root.dataset.theme;
    root.dataset.theme = "light";
    folded = [...document.querySelectorAll("main details:not([open])")].filter((one) => !one.closest(".napkin-estimate, .napkin-code, .napkin-claims"));
    for (const one of folded) one.open = true;
  });
  window.addEventListener("afterprint", () => {
    root.dataset.theme = theme;
    for (const one of folded) one.open = false;
  });
}

document.addEventListener("DOMContentLoaded", () => {
  napkinMenus();
  napkinFocus();
  napkinCode();
  napkinPaper();
  napkinBackToTop();
});
window.addEventListener("load", napkinTabStops);
window.addEventListener("resize", napkinTabStops);
document.addEventListener("toggle", napkinTabStops, true);
