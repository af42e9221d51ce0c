"use strict";
(() => {
  const tip = document.getElementById("tip");
  const show = (target, x, y) => {
    tip.textContent = target.dataset.tip;
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    tip.style.left = Math.max(6, Math.min(x + 14, innerWidth - box.width - 6)) + "px";
    tip.style.top = (y + box.height + 22 > innerHeight ? Math.max(6, y - box.height - 12) : y + 16) + "px";
  };
  const of = (event) => event.target instanceof Element && event.target.closest("[data-tip]");
  for (const kind of ["pointermove", "pointerdown"]) {
    document.addEventListener(kind, (event) => {
      const target = of(event);
      if (target) show(target, event.clientX, event.clientY);
      else tip.hidden = true;
    }, { passive: true });
  }
  document.addEventListener("scroll", () => { tip.hidden = true; }, { passive: true, capture: true });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") tip.hidden = true; });

  for (const box of document.querySelectorAll(".scroll")) {
    const mark = () => box.classList.toggle("more", box.scrollLeft + box.clientWidth < box.scrollWidth - 4);
    box.addEventListener("scroll", mark, { passive: true });
    new ResizeObserver(mark).observe(box);
  }

  const valueOf = (row, place) => {
    const cell = row.cells[place];
    return cell.dataset.value === undefined ? cell.textContent.trim().toLowerCase() : Number(cell.dataset.value);
  };
  const compare = (a, b) => {
    const empty = (v) => v === "" || Number.isNaN(v);
    if (empty(a) || empty(b)) return empty(a) && empty(b) ? 0 : empty(a) ? 2 : -2;
    return typeof a === "number" && typeof b === "number" ? Math.sign(a - b) : String(a).localeCompare(String(b));
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, place) => head.querySelector("button").addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((one) => one.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...table.tBodies[0].rows].map((row) => [valueOf(row, place), row]);
      rows.sort(([a], [b]) => { const c = compare(a, b); return Math.abs(c) === 2 ? c : down ? -c : c; });
      table.tBodies[0].append(...rows.map(([, row]) => row));
    }));
  }
  for (const form of document.querySelectorAll(".filter")) {
    const table = document.getElementById(form.dataset.table);
    const rows = [...table.tBodies[0].rows].map((row) => [row, [...row.cells].filter((cell) => !cell.classList.contains("n")).map((cell) => cell.textContent).join(" ").toLowerCase()]);
    const text = form.querySelector("input"), status = form.querySelector("select"), count = form.querySelector("output");
    const filter = () => {
      const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const [row, content] of rows) {
        const kept = words.every((word) => content.includes(word)) && (!status.value || row.dataset.status === status.value);
        row.hidden = !kept;
        shown += kept;
      }
      count.textContent = shown + " of " + rows.length + " runs";
    };
    text.addEventListener("input", filter);
    status.addEventListener("change", filter);
    filter();
  }
})();
