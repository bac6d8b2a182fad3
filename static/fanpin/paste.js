/* The grid of wrong cells: a block copied from Excel fills the cells from the one it is pasted into; Enter goes down. */
(function () {
  "use strict";
  const cellAt = (form, row, column) => form.querySelector('[data-cell="' + row + "-" + column + '"]');
  const place = (cell) => cell.dataset.cell.split("-").map(Number);

  /* Lines and tabs as a spreadsheet puts them on the clipboard; a cell in quotes may hold both. */
  function parse(text) {
    const rows = [[""]];
    let quoted = false;
    for (let i = 0; i < text.length; i += 1) {
      const char = text[i];
      const row = rows[rows.length - 1];
      const last = row.length - 1;
      if (quoted) {
        if (char !== '"') row[last] += char;
        else if (text[i + 1] === '"') { row[last] += char; i += 1; }
        else quoted = false;
      } else if (char === '"' && row[last] === "") quoted = true;
      else if (char === "\t") row.push("");
      else if (char === "\n") rows.push([""]);
      else if (char !== "\r") row[last] += char;
    }
    if (rows.length > 1 && rows[rows.length - 1].join("") === "") rows.pop();
    return rows;
  }
  function say(form, filled, left) {
    const note = form.querySelector("[data-pasted]");
    if (note) note.textContent = "已粘贴" + filled + "格" + (left ? "，另有" + left + "格没有对应的位置" : "") + "，请核对后保存";
  }
  document.addEventListener("paste", (event) => {
    const cell = event.target.closest && event.target.closest("[data-cell]");
    const text = cell && event.clipboardData ? event.clipboardData.getData("text/plain") : "";
    if (!/[\t\n]/.test(text)) return;
    event.preventDefault();
    const form = cell.form;
    const [top, start] = place(cell);
    let filled = 0;
    let left = 0;
    parse(text).forEach((values, down) => values.forEach((value, right) => {
      const target = cellAt(form, top + down, start + right);
      if (!target) { if (value.trim()) left += 1; return; }
      target.value = value.trim();
      target.classList.add("is-pasted");
      target.dispatchEvent(new Event("input", { bubbles: true }));
      filled += 1;
    }));
    say(form, filled, left);
  });
  document.addEventListener("keydown", (event) => {
    const cell = event.target.closest && event.target.closest("[data-cell]");
    if (!cell || event.key !== "Enter" || event.ctrlKey || event.isComposing) return;
    const [row, column] = place(cell);
    const next = cellAt(cell.form, row + (event.shiftKey ? -1 : 1), column);
    event.preventDefault();
    event.stopPropagation();
    if (next) { next.focus(); next.select(); }
  }, true);
})();
