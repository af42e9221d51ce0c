"use strict";
// What scrolls sideways is reached by the keyboard too, and only what scrolls.
addEventListener("DOMContentLoaded", () => {
  const boxes = document.querySelectorAll("article pre, article .table-wrapper, article .cell_output, article .math-wrapper");
  const size = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  boxes.forEach((box) => size.observe(box));
  // What the theme leaves unsaid of its own parts.
  document.querySelectorAll("p.caption[role=heading]:not([aria-level])").forEach((one) => one.setAttribute("aria-level", "2"));
  document.querySelector("aside.sidebar-drawer")?.setAttribute("aria-label", "Contents of the site");
  document.querySelector("aside.toc-drawer")?.setAttribute("aria-label", "Contents of the page");
});
