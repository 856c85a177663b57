"use strict";
// Airflow keeps its colour mode here; without a choice the system's counts.
const applyTheme = () => {
  const chosen = localStorage.getItem("theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  else delete document.documentElement.dataset.theme;
};
applyTheme();
addEventListener("storage", applyTheme);

addEventListener("DOMContentLoaded", () => {
  const framed = window.parent !== window;
  // Airflow's frame may not leave for other pages, Wrike's login among them: Airflow's own document does it then.
  const inAirflow = (element) => {
    const outside = window.parent.document.importNode(element, true);
    outside.hidden = true;
    window.parent.document.body.append(outside);
    return outside;
  };
  if (framed) {
    for (const form of document.querySelectorAll("form[data-leave]")) {
      form.addEventListener("submit", (event) => { event.preventDefault(); inAirflow(form).submit(); });
    }
    for (const link of document.querySelectorAll("a[data-leave]")) {
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        inAirflow(link).click();
      });
    }
  }
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      const text = source.value ?? source.textContent;
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        const area = document.createElement("textarea");
        area.value = text;
        document.body.append(area);
        area.select();
        document.execCommand("copy");
        area.remove();
      }
      button.textContent = "Copied";
    });
  }
  const search = document.getElementById("search");
  search?.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of document.querySelectorAll("tr[data-search]")) {
      row.hidden = !words.every((word) => row.dataset.search.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    document.getElementById("found").textContent = words.length ? `${shown} found` : "";
  });
});
