/* Dates are typed (20211108 becomes 2021-11-08) or chosen from a small calendar. The browser's own date field is not
   used: it writes dates in the browser's language, and an English Chrome shows 11/08/2021. */
(function () {
  "use strict";
  const today = () => (document.body.dataset.today || new Date().toISOString().slice(0, 10));
  const two = (n) => String(n).padStart(2, "0");
  let open = null;

  function tidy(text) {
    const digits = text.replace(/[\uff10-\uff19]/g, (d) => String.fromCharCode(d.charCodeAt(0) - 0xfee0)).trim();
    const match = /^(\d{4})[-./\u5e74]?(\d{1,2})[-./\u6708]?(\d{1,2})\u65e5?$/.exec(digits);
    return match ? `${match[1]}-${two(match[2])}-${two(match[3])}` : digits;
  }
  function close() { if (open) { open.box.remove(); open = null; } }
  function choose(value) {
    const field = open.field;
    field.value = value;
    close();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function draw() {
    const { box, field, year, month } = open;
    const first = new Date(year, month - 1, 1);
    const count = new Date(year, month, 0).getDate();
    box.replaceChildren();
    const head = document.createElement("div");
    head.className = "fp-calendar-head";
    const name = document.createElement("span");
    name.textContent = `${year}年${month}月`;
    head.append(turn("«", -12, "上一年"), turn("‹", -1, "上个月"), name, turn("›", 1, "下个月"), turn("»", 12, "下一年"));
    const days = document.createElement("div");
    days.className = "fp-calendar-days";
    "一二三四五六日".split("").forEach((text) => { const cell = document.createElement("span"); cell.textContent = text; days.append(cell); });
    for (let i = 0; i < (first.getDay() + 6) % 7; i += 1) days.append(document.createElement("span"));
    for (let day = 1; day <= count; day += 1) {
      const value = `${year}-${two(month)}-${two(day)}`;
      const cell = document.createElement("button");
      cell.type = "button";
      cell.tabIndex = -1;
      cell.textContent = day;
      if (value === today()) cell.classList.add("is-today");
      if (value === field.value) cell.classList.add("is-chosen");
      cell.addEventListener("mousedown", (event) => { event.preventDefault(); choose(value); });
      days.append(cell);
    }
    box.append(head, days);
  }
  function turn(text, months, label) {
    const made = document.createElement("button");
    made.type = "button";
    made.tabIndex = -1;
    made.textContent = text;
    made.setAttribute("aria-label", label);
    made.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const moved = new Date(open.year, open.month - 1 + months, 1);
      open.year = moved.getFullYear();
      open.month = moved.getMonth() + 1;
      draw();
    });
    return made;
  }
  function show(field) {
    close();
    const [year, month] = (/^\d{4}-\d{2}-\d{2}$/.test(field.value) ? field.value : today()).split("-").map(Number);
    const box = document.createElement("div");
    box.className = "fp-calendar";
    field.parentElement.classList.add("fp-control");
    field.parentElement.append(box);
    if (field.getBoundingClientRect().bottom + 320 > window.innerHeight && field.getBoundingClientRect().top > 320) box.classList.add("is-up");
    open = { box, field, year, month };
    draw();
  }
  document.addEventListener("click", (event) => {
    if (event.target.matches("input[data-date]") && !event.target.readOnly && (!open || open.field !== event.target)) show(event.target);
  });
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches || !event.target.matches("input[data-date]")) return;
    if (event.key === "ArrowDown" && !open) { event.preventDefault(); show(event.target); }
    else if (event.key === "Escape" || event.key === "Enter" || event.key === "Tab") close();
  });
  // Capturing, so that the tidy value is there before the change event is heard elsewhere.
  document.addEventListener("change", (event) => { if (event.target.matches("input[data-date]")) event.target.value = tidy(event.target.value); }, true);
  document.addEventListener("focusout", (event) => { if (open && event.target === open.field) close(); });
})();
