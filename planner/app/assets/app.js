"use strict";
(() => {
  document.documentElement.classList.add("has-script");

  const form = document.getElementById("levers");
  if (form) {
    const place = document.getElementById("changes");
    let timer = 0, round = 0;
    const mark = (field) => {
      const box = field.closest(".field");
      if (!box || field.dataset.case === undefined) return;
      const value = field.type === "checkbox" ? (field.checked ? "on" : "off") : field.value.trim();
      box.classList.toggle("moved", value !== field.dataset.case && Number(value) !== Number(field.dataset.case || NaN));
    };
    const preview = async () => {
      const mine = ++round;
      const answer = await fetch(form.dataset.preview, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      if (!answer.ok || mine !== round) return;
      const found = await answer.json();
      if (mine !== round) return;
      place.innerHTML = found.html;
      history.replaceState(null, "", form.dataset.place + (found.query ? "?" + found.query : ""));
    };
    form.addEventListener("input", (event) => {
      mark(event.target);
      clearTimeout(timer);
      timer = setTimeout(() => preview().catch(() => { place.textContent = "The server does not answer: it may have ended."; }), 350);
    });
    form.addEventListener("submit", () => { clearTimeout(timer); round += 1; });
  }

  const follow = (box) => {
    const look = async () => {
      let wait = 900;
      try {
        const answer = await fetch(box.dataset.live);
        if (answer.ok) {
          const found = await answer.json();
          const chosen = new Set([...box.querySelectorAll("input:checked")].map((one) => one.value));
          if (found.html !== box.dataset.shown && !box.contains(document.activeElement)) {
            box.innerHTML = found.html;
            box.dataset.shown = found.html;
            for (const one of box.querySelectorAll("input[type=checkbox]")) one.checked = chosen.has(one.value);
          }
          if (found.ended) { location.reload(); return; }
          wait = found.quiet ? 4000 : 900;
        }
      } catch (error) {
        wait = 4000;
      }
      setTimeout(look, document.hidden ? 4000 : wait);
    };
    setTimeout(look, 700);
  };
  document.querySelectorAll("[data-live]").forEach(follow);
})();
