/* Forms: Enter goes on, drafts, unsaved input, changed fields, identity numbers, pinyin in selects, added rows.
   The calendar is in calendar.js. Everything here is a comfort: without it the form posts all the same. */
(function () {
  "use strict";
  const DAYS = 24 * 3600 * 1000;
  const user = (document.querySelector('meta[name="fp-user"]') || {}).content || "";

  /* Enter goes to the next field; in a text area and on a button it does what it always does. */
  const FIELDS = "input:not([type=hidden]):not([disabled]):not([readonly]), select:not([disabled]), textarea:not([disabled])";
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.ctrlKey) return;
    const form = event.target.form;
    if (!form || form.method !== "post" || !form.matches(".fp-form, [data-draft]")) return;
    if (!event.target.matches("input, select") || event.target.type === "submit" || event.target.type === "file") return;
    event.preventDefault();
    const all = Array.from(form.querySelectorAll(FIELDS)).filter((field) => field.offsetParent !== null);
    const next = all[all.indexOf(event.target) + 1] || form.querySelector("button[type=submit]:not([disabled])");
    if (next) { next.focus(); if (next.select) next.select(); }
  });

  /* 填表说明: the explanation of the field in use stands in the foot bar, so that nothing on the form moves. */
  document.addEventListener("focusin", (event) => {
    const form = event.target.form;
    const bar = form && form.querySelector(".fp-footbar");
    if (!bar || !form.querySelector(".fp-explained")) return;
    const field = event.target.closest(".fp-field");
    const text = field && field.querySelector(".fp-explained");
    let line = bar.querySelector(".fp-explaining");
    if (!line) { line = document.createElement("p"); line.className = "fp-explaining"; bar.prepend(line); }
    const label = text ? field.querySelector(".fp-label") : null;
    line.textContent = text ? `${label ? label.textContent.replace("*", "").trim() + "：" : ""}${text.textContent}` : "";
  });

  /* Drafts: what was typed is kept in this browser until it is saved, at most seven days, never passwords or files. */
  const keyOf = (form) => `fp-draft:${user}:${window.location.pathname}:${form.dataset.draft}`;
  const skipped = (field) => !field.name || field.name === "csrfmiddlewaretoken" || field.name === "version" ||
    ["password", "file", "hidden", "submit", "button"].includes(field.type) || "noDraft" in field.dataset;
  function values(form) {
    const found = {};
    Array.from(form.elements).filter((field) => !skipped(field)).forEach((field) => {
      const list = (found[field.name] = found[field.name] || []);
      if (["checkbox", "radio"].includes(field.type)) { if (field.checked) list.push(field.value); }
      else if (field.multiple) Array.from(field.selectedOptions).forEach((option) => list.push(option.value));
      else list.push(field.value);
    });
    return found;
  }
  function fill(form, found) {
    const seen = {};
    Array.from(form.elements).filter((field) => !skipped(field)).forEach((field) => {
      const list = found[field.name];
      if (!list) return;
      if (["checkbox", "radio"].includes(field.type)) field.checked = list.includes(field.value);
      else if (field.multiple) Array.from(field.options).forEach((option) => { option.selected = list.includes(option.value); });
      else { const at = seen[field.name] || 0; seen[field.name] = at + 1; if (list[at] !== undefined) field.value = list[at]; }
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
  function saveDraft(form) {
    const now = JSON.stringify(values(form));
    if (now === form.dataset.clean) { localStorage.removeItem(keyOf(form)); return; }
    try { localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), values: JSON.parse(now) })); } catch (error) { return; }
    const note = form.querySelector("[data-draftnote]");
    if (note) note.textContent = `草稿已存在本机 ${new Date().toTimeString().slice(0, 5)}`;
  }
  function offerDraft(form) {
    let kept = null;
    try { kept = JSON.parse(localStorage.getItem(keyOf(form)) || "null"); } catch (error) { kept = null; }
    if (!kept) return;
    if (Date.now() - kept.at > 7 * DAYS || JSON.stringify(kept.values) === form.dataset.clean) { localStorage.removeItem(keyOf(form)); return; }
    const box = document.createElement("div");
    box.className = "fp-draft tone-amber";
    const moment = new Date(kept.at);
    const text = document.createElement("span");
    text.textContent = `本机有一份没有保存的草稿（${moment.getMonth() + 1}月${moment.getDate()}日 ${moment.toTimeString().slice(0, 5)}）`;
    box.append(text, button("恢复草稿", () => { fill(form, kept.values); box.remove(); }), button("丢弃", () => { localStorage.removeItem(keyOf(form)); box.remove(); }));
    form.prepend(box);
  }
  function button(label, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn fp-btn btn-plain";
    made.textContent = label;
    made.addEventListener("click", act);
    return made;
  }
  const dirty = (form) => JSON.stringify(values(form)) !== form.dataset.clean;
  let leaving = false;
  function watch(form) {
    const wrong = form.querySelector(".fp-problems.tone-red, .is-wrong");
    form.dataset.clean = JSON.stringify(values(form));
    // After a refused save the server shows what was typed: that is unsaved input too.
    if (wrong) form.dataset.clean = "";
    const foot = form.querySelector(".fp-footbar");
    if (foot && !foot.querySelector("[data-draftnote]")) {
      const note = document.createElement("span");
      note.className = "fp-draftnote";
      note.dataset.draftnote = "";
      foot.append(note);
    }
    if (!wrong) offerDraft(form);
    let timer = 0;
    form.addEventListener("input", () => { window.clearTimeout(timer); timer = window.setTimeout(() => saveDraft(form), 800); });
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      saveDraft(form);
      leaving = true;
      sessionStorage.setItem("fp-sent", keyOf(form));
    });
  }
  // A save that went well leads to another page (or this one without problems): the draft has done its work. A refused
  // save, an error page, a login page, a reload or going back keep it.
  const arrival = (performance.getEntriesByType("navigation")[0] || {}).type;
  const sent = sessionStorage.getItem("fp-sent");
  const refused = document.querySelector("form[data-draft] .fp-problems.tone-red, form[data-draft] .is-wrong, .fp-errorpage, .fp-login");
  const drafts = Array.from(document.querySelectorAll("form[data-draft]"));
  if (sent && !refused && arrival === "navigate") localStorage.removeItem(sent);
  sessionStorage.removeItem("fp-sent");
  drafts.forEach(watch);
  document.addEventListener("fp:savedraft", () => drafts.forEach(saveDraft));
  window.addEventListener("beforeunload", (event) => {
    if (leaving || !drafts.some((form) => form.isConnected && dirty(form))) return;
    event.preventDefault();
    event.returnValue = "";
  });

  /* Fields that differ from last year are marked. */
  function mark(field) {
    const box = field.closest(".fp-field");
    if (!box || field.dataset.previous === undefined) return;
    const same = field.value === field.dataset.previous || (field.value !== "" && Number(field.value) === Number(field.dataset.previous));
    box.classList.toggle("is-changed", field.value !== "" && !same);
  }
  document.querySelectorAll("[data-previous]").forEach(mark);
  document.addEventListener("input", (event) => mark(event.target));
  document.addEventListener("change", (event) => { mark(event.target); if (event.target.matches("[data-id-number]")) readId(event.target); });

  /* An identity number says sex, birth date and age, and whether its last digit is right. The server reads it again. */
  const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  function readId(field) {
    const text = field.value.trim().toUpperCase();
    const told = telling(field);
    told.className = "fp-derived";
    told.textContent = "";
    if (text.length < 18) { if (text.length) told.textContent = `已填${text.length}位`; return; }
    const match = /^\d{6}(\d{4})(\d{2})(\d{2})\d{2}(\d)[\dX]/.exec(text);
    const bad = (why) => { told.classList.add("is-bad"); told.textContent = why; };
    if (!match) { bad("证件号码应为17位数字加校验位"); return; }
    const [, year, month, day, order] = match;
    const date = new Date(Number(year), Number(month) - 1, Number(day));
    if (date.getMonth() !== Number(month) - 1 || date.getDate() !== Number(day)) { bad("证件号码中的出生日期不存在"); return; }
    const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(text[at]), 0);
    if ("10X98765432"[sum % 11] !== text[17]) { bad("校验位不对，请核对证件号码"); return; }
    const now = (document.body.dataset.today || "").split("-").map(Number);
    let age = now[0] - Number(year);
    if (now[1] < Number(month) || (now[1] === Number(month) && now[2] < Number(day))) age -= 1;
    const sex = Number(order) % 2 ? "男" : "女";
    const birth = `${year}-${month}-${day}`;
    told.textContent = `${sex}　${birth}　${age}岁`;
    const scope = field.closest("[data-id-scope]") || field.form;
    const put = (what, value) => scope.querySelectorAll(`[data-from-id="${what}"]`).forEach((out) => {
      if ("value" in out) { out.value = value; out.dispatchEvent(new Event("change", { bubbles: true })); } else out.textContent = value;
    });
    put("sex", sex === "男" ? "1" : "2");
    put("sex-label", sex);
    put("birth", birth);
    put("age", String(age));
  }
  function telling(field) {
    const box = field.closest(".fp-field") || field.parentElement;
    let told = box.querySelector(".fp-derived");
    if (!told) {
      told = document.createElement("p");
      (box.querySelector(".fp-notes") || box).prepend(told);
    }
    return told;
  }
  document.addEventListener("input", (event) => { if (event.target.matches("[data-id-number]")) readId(event.target); });
  document.querySelectorAll("[data-id-number]").forEach((field) => { if (field.value) readId(field); });

  /* A select goes to the option whose pinyin begins with the typed letters; Backspace starts again. */
  let typed = "";
  let last = 0;
  document.addEventListener("keydown", (event) => {
    const select = event.target;
    if (select.tagName !== "SELECT" || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Backspace") { typed = ""; return; }
    if (!/^[a-z0-9]$/i.test(event.key)) return;
    if (Date.now() - last > 1200) typed = "";
    last = Date.now();
    typed += event.key.toLowerCase();
    const options = Array.from(select.options);
    const found = (test) => options.find((option) => !option.disabled && test(option.dataset.pinyin || ""));
    const search = () => found((py) => py.startsWith(typed)) || found((py) => py.includes(typed));
    let hit = search();
    if (!hit && typed.length > 1) { typed = event.key.toLowerCase(); hit = search(); }
    if (!hit) return;
    event.preventDefault();
    if (select.value === hit.value) return;
    select.value = hit.value;
    select.dispatchEvent(new Event("input", { bubbles: true }));
    select.dispatchEvent(new Event("change", { bubbles: true }));
  });

  /* data-add-row="prefix" copies <template data-row-of="prefix"> into the element data-rows-of="prefix". */
  document.addEventListener("click", (event) => {
    const adder = event.target.closest("[data-add-row]");
    if (!adder) return;
    const prefix = adder.dataset.addRow;
    const source = document.querySelector(`template[data-row-of="${prefix}"]`);
    const total = document.querySelector(`input[name="${prefix}-TOTAL_FORMS"]`);
    const place = document.querySelector(`[data-rows-of="${prefix}"]`);
    if (!source || !total || !place) return;
    event.preventDefault();
    const copy = source.content.cloneNode(true);
    copy.querySelectorAll("*").forEach((node) => {
      ["name", "id", "for", "aria-describedby"].forEach((name) => {
        if (node.hasAttribute(name)) node.setAttribute(name, node.getAttribute(name).replace(/__prefix__/g, total.value));
      });
    });
    const first = copy.querySelector(FIELDS);
    total.value = Number(total.value) + 1;
    place.append(copy);
    if (first) first.focus();
  });

  /* A file field in our words: the browser writes its own button in its own language. */
  function dressFile(input) {
    if (input.closest(".fp-file")) return;
    const box = document.createElement("div");
    const button = document.createElement("b");
    const names = document.createElement("span");
    box.className = "fp-file";
    button.textContent = "选择文件";
    button.setAttribute("aria-hidden", "true");
    names.setAttribute("aria-hidden", "true");
    const tell = () => { names.textContent = Array.from(input.files).map((file) => file.name).join("、") || "未选择"; };
    input.before(box);
    box.append(button, names, input);
    input.addEventListener("change", tell);
    tell();
  }
  const dressFiles = (root) => root.querySelectorAll("input[type=file]").forEach(dressFile);
  dressFiles(document);
  document.addEventListener("htmx:load", (event) => dressFiles(event.detail.elt));

  /* Numbers are tidied when left: full-width digits, thousands marks and spaces. */
  const narrow = (text) => text.replace(/[\uff10-\uff19]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0)).replace(/\uff0e|\u3002/g, ".");
  document.addEventListener("focusout", (event) => {
    const field = event.target;
    if (!field.matches) return;
    if (field.matches("[data-number]")) field.value = narrow(field.value).replace(/[,\uff0c\s]/g, "");
    if (field.matches("[data-id-number]")) field.value = narrow(field.value).replace(/\s/g, "").toUpperCase();
  });
})();
