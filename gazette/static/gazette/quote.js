// Lets a clerk quote by selecting words in the source panel, with the mouse or, from the button, with the keys; without
// it the words are pasted or typed.
(() => {
  "use strict";
  const panel = document.querySelector(".source-text");
  if (!panel) return;

  const KEYS =
    "用键盘选：↑↓ 换段，← → 换句，Ctrl+→ 并入下一句，Shift+← → 结尾减增一字，Shift+↑↓ 开头增减一字，回车取用，Esc 返回。";
  let chosen = null; // The last selection inside one passage: {passage, text}.
  let picking = null; // What the keys choose: {field, paragraph, start, end}, places in the passage's text.

  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return;
    const node = selection.getRangeAt(0).commonAncestorContainer;
    const passage = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest("[data-passage]");
    if (passage && panel.contains(passage)) {
      chosen = { passage: passage.dataset.passage, text: selection.toString() };
    }
  });

  // The text of a passage as its nodes, without the number before it.
  function textNodes(paragraph) {
    const nodes = [];
    const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      if (!walker.currentNode.parentElement.closest(".number")) nodes.push(walker.currentNode);
    }
    return nodes;
  }

  // Where clauses begin and end: behind each mark of punctuation.
  function bounds(text) {
    const ends = [...text.matchAll(/[，。；：！？、]/g)].map((found) => found.index + 1);
    return [...new Set([0, ...ends, text.length])];
  }

  function select() {
    const place = (at) => {
      for (const node of textNodes(picking.paragraph)) {
        if (at <= node.length) return [node, at];
        at -= node.length;
      }
    };
    document.getSelection().setBaseAndExtent(...place(picking.start), ...place(picking.end));
  }

  function goTo(paragraph, clause) {
    const text = textNodes(paragraph).map((node) => node.data).join("");
    const [start, end] = [bounds(text)[clause], bounds(text)[clause + 1]];
    picking = { ...picking, paragraph, text, start, end };
    paragraph.tabIndex = -1;
    paragraph.focus();
    select();
  }

  function pick(field) {
    const number = beside(field)?.value;
    const marked = panel.querySelector("mark")?.closest("[data-passage]");
    picking = { field };
    goTo(panel.querySelector(`[data-passage="${CSS.escape(number)}"]`) || marked || panel.querySelector("[data-passage]"), 0);
  }

  panel.addEventListener("keydown", (event) => {
    if (!picking || event.target !== picking.paragraph) return;
    const { field, paragraph, text, start, end } = picking;
    const forth = event.key === "ArrowRight" || event.key === "ArrowDown";
    const across = event.key === "ArrowRight" || event.key === "ArrowLeft";
    if (event.key === "Enter" || event.key === "Escape") {
      picking = null;
      field.focus();
      if (event.key === "Enter") {
        // The event of a changed selection comes later than a quick finger.
        chosen = { passage: paragraph.dataset.passage, text: text.slice(start, end) };
        take(field);
      }
    } else if (!event.key.startsWith("Arrow")) {
      return;
    } else if (event.shiftKey) {
      const moved = forth ? 1 : -1;
      if (across) picking.end = Math.min(text.length, Math.max(start + 1, end + moved));
      else picking.start = Math.max(0, Math.min(end - 1, start + moved));
      select();
    } else if (event.ctrlKey && across && forth) {
      picking.end = bounds(text).find((at) => at > end) || end;
      select();
    } else if (across) {
      const clauses = bounds(text);
      const here = clauses.findLastIndex((at) => at <= start);
      goTo(paragraph, Math.max(0, Math.min(clauses.length - 2, here + (forth ? 1 : -1))));
    } else {
      const next = forth ? paragraph.nextElementSibling : paragraph.previousElementSibling;
      if (next) goTo(next, 0);
    }
    event.preventDefault();
  });

  // The field of the passage, by the name as it is now: a row that was added got its number after the server's answer.
  function beside(field) {
    return field.form.elements[field.name.replace(/[^-]+$/, field.dataset.quoteFor)];
  }

  function take(field) {
    const notice = field.parentElement.querySelector(".quote-notice");
    notice.classList.remove("keys");
    if (!chosen) {
      notice.textContent = "请先在原文栏的一个段落中选中文字。";
      return;
    }
    notice.textContent = "";
    field.value = chosen.text;
    const passage = beside(field);
    if (passage) passage.value = chosen.passage;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function equip(field) {
    if (field.name.includes("__prefix__") || field.parentElement.querySelector(".quote-take")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button quote-take";
    button.textContent = "取用所选原文";
    const notice = document.createElement("span");
    notice.className = "quote-notice";
    notice.setAttribute("role", "status");
    button.addEventListener("click", (event) => {
      // A click without a press of the mouse is one of the keyboard, which selects nothing by itself.
      if (event.detail) return take(field);
      notice.textContent = KEYS;
      notice.classList.add("keys");
      pick(field);
    });
    field.after(button, notice);
  }

  function equipAll(root) {
    root.querySelectorAll("textarea[data-quote-for]").forEach(equip);
  }

  equipAll(document);
  document.addEventListener("formset:added", (event) => equipAll(event.target));

  const mark = panel.querySelector("mark");
  if (mark) panel.scrollTop = mark.offsetTop - panel.offsetTop - 40;
})();
