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
});
