/* The frame: menu on a phone, confirm before acts, hot keys, session time-out, double submits, print and back. */
(function () {
  "use strict";
  const body = document.body;
  const meta = (name) => (document.querySelector(`meta[name="${name}"]`) || {}).content || "";
  if (document.querySelector(".fp-switch")) body.classList.add("fp-has-switch");

  document.addEventListener("click", (event) => {
    const skip = event.target.closest(".fp-skip");
    // Without the mark in the address: after a refused save it would draw the focus away from the problems.
    if (skip) { event.preventDefault(); document.getElementById("main").focus(); }
    const menu = event.target.closest("[data-menu]");
    if (menu) menu.setAttribute("aria-expanded", String(body.classList.toggle("fp-menu-open")));
    if (event.target.closest("[data-back]")) window.history.back();
    if (event.target.closest("[data-print]")) window.print();
    const openPop = document.querySelector("details.fp-columns[open]");
    if (openPop && !openPop.contains(event.target)) openPop.open = false;
    const choice = event.target.closest("button[data-confirm]");
    if (choice && !window.confirm(choice.dataset.confirm)) event.preventDefault();
  });

  // One submit at a time: a second click on a slow line must not act twice. Runs after the other submit listeners.
  window.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented) return;
    if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) { event.preventDefault(); return; }
    if (form.method !== "post" || form.closest("[hx-post]")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    form.setAttribute("aria-busy", "true");
    window.setTimeout(() => { delete form.dataset.sent; form.removeAttribute("aria-busy"); }, 15000);
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
  });

  // data-hotkey: "save" is Ctrl+S, "alt+n" is Alt+N, "/" focuses a search field.
  document.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    const typing = /^(input|textarea|select)$/i.test(event.target.tagName);
    let wanted = "";
    if ((event.ctrlKey || event.metaKey) && key === "s") wanted = "save";
    else if (event.altKey && event.code && event.code.startsWith("Key")) wanted = `alt+${event.code.slice(3).toLowerCase()}`;
    else if (key === "/" && !typing) wanted = "/";
    else if (key === "escape") body.classList.remove("fp-menu-open");
    if (!wanted) return;
    const target = document.querySelector(`[data-hotkey="${wanted}"]`);
    if (!target && wanted !== "save") return;
    event.preventDefault();
    if (!target || target.disabled) return;
    if (target.matches("input[type=search], input[type=text]")) { target.focus(); target.select(); } else target.click();
  });

  // A table wider than its place is scrolled by the arrow keys too.
  const reachable = () => document.querySelectorAll(".fp-tablewrap, .fp-scroll").forEach((box) => {
    if (box.scrollWidth > box.clientWidth) { box.tabIndex = 0; box.setAttribute("role", "group"); box.setAttribute("aria-label", "表格，可左右滚动"); }
  });
  reachable();
  window.addEventListener("resize", reachable);
  document.addEventListener("htmx:load", reachable);

  // Session: warn five minutes before the end; the draft is already kept by forms.js.
  const seconds = Number(meta("fp-session-seconds"));
  const box = document.getElementById("fp-timeout");
  if (seconds > 0 && box) {
    let end = Date.now() + seconds * 1000;
    const text = box.querySelector("[data-timeout-text]");
    const stay = box.querySelector("[data-timeout-stay]");
    stay.addEventListener("click", () => {
      // Not this page: many answer nothing but GET, and after a refused save its address takes only a POST.
      fetch(stay.dataset.timeoutStay, { method: "HEAD", credentials: "same-origin" }).then((answer) => {
        if (!answer.ok || answer.redirected) return;
        end = Date.now() + seconds * 1000;
        box.hidden = true;
      });
    });
    document.addEventListener("htmx:afterRequest", (event) => {
      // Polling parts carry data-poll and do not count as a person's work.
      if (event.detail.successful && !event.target.closest("[data-poll]")) end = Date.now() + seconds * 1000;
    });
    window.setInterval(() => {
      const left = Math.round((end - Date.now()) / 1000);
      if (left > 300) return;
      if (box.hidden) { box.hidden = false; document.dispatchEvent(new CustomEvent("fp:savedraft")); }
      text.textContent = left > 0 ? `还有${Math.ceil(left / 60)}分钟。填写的内容已在本机存为草稿。` : "登录已到期，请重新登录；填写的内容在本机有草稿。";
    }, 5000);
  }

  // Leaving the account on a shared machine takes the drafts along.
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-logout]")) return;
    Object.keys(localStorage).filter((key) => key.startsWith("fp-draft:")).forEach((key) => localStorage.removeItem(key));
  });
  const problems = document.querySelector(".fp-form .fp-problems.tone-red, form .fp-problems.tone-red");
  if (problems) { problems.scrollIntoView({ block: "center" }); problems.focus({ preventScroll: true }); }
  function show(target) {
    const field = target.matches("input, select, textarea") ? target : target.querySelector("input, select, textarea") || target;
    (field.closest(".fp-field") || field).scrollIntoView({ block: "center" });
    field.focus({ preventScroll: true });
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".fp-problems a[href^='#']");
    if (!link) return;
    const target = document.getElementById(link.getAttribute("href").slice(1));
    if (!target) return;
    event.preventDefault();
    show(target);
  });
  // "去改正" leads to the field itself, not only to its form.
  const named = location.hash.startsWith("#id_") && document.getElementById(location.hash.slice(1));
  if (named && !problems) window.addEventListener("load", () => show(named));
})();
