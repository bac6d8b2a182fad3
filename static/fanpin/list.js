/* Lists: a row opens by click or Enter, arrows move, ticks bring the bulk bar, a changed filter asks at once. */
(function () {
  "use strict";
  const link = (row) => row.querySelector("td a[href]");
  const rows = () => Array.from(document.querySelectorAll("tr[data-row]"));

  function prepare() {
    rows().forEach((row, index) => { row.tabIndex = index ? -1 : 0; });
    document.querySelectorAll("form[data-bulk]").forEach(count);
  }
  function count(form) {
    const boxes = Array.from(form.querySelectorAll("input[name=ids]"));
    const ticked = boxes.filter((box) => box.checked);
    boxes.forEach((box) => box.closest("tr").classList.toggle("is-ticked", box.checked));
    const bar = form.querySelector("[data-bulkbar]");
    if (bar) {
      const whole = bar.querySelector("[data-bulkall]");
      bar.classList.toggle("is-on", ticked.length > 0 || Boolean(whole && whole.checked));
      bar.querySelector("[data-bulkcount]").textContent = whole && whole.checked ? whole.dataset.bulkall : ticked.length;
    }
    const all = form.querySelector("[data-tickall]");
    if (all) { all.checked = boxes.length > 0 && ticked.length === boxes.length; all.indeterminate = ticked.length > 0 && !all.checked; }
  }
  document.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-row]");
    if (!row || event.target.closest("a, button, input, label, select") || String(window.getSelection())) return;
    const first = link(row);
    if (!first) return;
    if (event.ctrlKey || event.metaKey) window.open(first.href, "_blank", "noopener");
    else first.click();
  });
  document.addEventListener("keydown", (event) => {
    const row = event.target.closest && event.target.closest("tr[data-row]");
    if (!row || event.target !== row) return;
    const all = rows();
    const at = all.indexOf(row);
    if (event.key === "Enter" && link(row)) { event.preventDefault(); link(row).click(); return; }
    if (event.key === " ") {
      const box = row.querySelector("input[name=ids]");
      if (box) { event.preventDefault(); box.click(); }
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !all[at + step]) return;
    event.preventDefault();
    row.tabIndex = -1;
    all[at + step].tabIndex = 0;
    all[at + step].focus();
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-bulk]");
    if (form) {
      if (event.target.matches("[data-tickall]")) {
        form.querySelectorAll("input[name=ids]").forEach((box) => { box.checked = event.target.checked; });
      }
      count(form);
    }
    const filters = event.target.closest("form[data-filters]");
    if (filters && event.target.matches("select, input[type=checkbox], input[data-date]")) filters.requestSubmit();
  });
  // On a phone the filters wait behind a button; without this script they are all there.
  const unfold = document.querySelector("[data-unfold]");
  if (unfold && window.matchMedia("(max-width: 760px)").matches) {
    const form = unfold.closest("form");
    form.classList.add("is-folded");
    unfold.hidden = false;
    unfold.addEventListener("click", () => { unfold.setAttribute("aria-expanded", String(!form.classList.toggle("is-folded"))); });
  }
  // Empty filters stay out of the address, so that it can be read and sent to a colleague.
  document.addEventListener("submit", (event) => {
    const whole = event.target.matches("form[data-bulk]") && event.target.querySelector("[data-bulkall]:checked");
    if (whole && !window.confirm(`${event.submitter.textContent}：将办理全部符合条件的 ${whole.dataset.bulkall} 条，确定吗？`)) event.preventDefault();
    if (!event.target.matches("form[data-filters]")) return;
    event.target.querySelectorAll("input, select").forEach((field) => { if (field.name && !field.value) field.disabled = true; });
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-filters] :disabled").forEach((field) => { field.disabled = false; });
    prepare();
  });
  document.addEventListener("htmx:load", prepare);
})();
