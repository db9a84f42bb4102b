// Lets a clerk quote by selecting words in the source panel; without it the words are pasted or typed.
(() => {
  "use strict";
  const panel = document.querySelector(".source-text");
  if (!panel) return;

  let chosen = null; // The last selection inside one passage: {passage, text}.

  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return;
    const node = selection.getRangeAt(0).commonAncestorContainer;
    const passage = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest("[data-passage]");
    if (passage && panel.contains(passage)) {
      chosen = { passage: passage.dataset.passage, text: selection.toString() };
    }
  });

  function take(field) {
    const notice = field.parentElement.querySelector(".quote-notice");
    if (!chosen) {
      notice.textContent = "请先在原文栏的一个段落中选中文字。";
      return;
    }
    notice.textContent = "";
    field.value = chosen.text;
    // The field beside it, by the name as it is now: a row that was added got its number after the server's answer.
    const passage = field.form.elements[field.name.replace(/[^-]+$/, field.dataset.quoteFor)];
    if (passage) passage.value = chosen.passage;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function equip(field) {
    if (field.name.includes("__prefix__") || field.parentElement.querySelector(".quote-take")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button quote-take";
    button.textContent = "取用所选原文";
    button.addEventListener("click", () => take(field));
    const notice = document.createElement("span");
    notice.className = "quote-notice";
    notice.setAttribute("role", "status");
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
