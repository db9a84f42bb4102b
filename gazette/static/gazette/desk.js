// What a clerk without a mouse or without sight misses in the forms of the admin.
(() => {
  "use strict";

  // A row that was added takes the focus; it stands before the link that added it.
  document.addEventListener("formset:added", (event) => {
    event.target.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  });

  // A chooser is named by its label, and says what is chosen in it. The admin makes them when jQuery is ready, before.
  window.django?.jQuery?.(() => {
    document.querySelectorAll("select.admin-autocomplete").forEach((select) => {
      const label = select.labels[0];
      const chooser = select.parentElement.querySelector("[role=combobox]");
      if (!label || !chooser) return;
      label.id ||= `${select.id}_label`;
      const value = chooser.querySelector(".select2-selection__rendered");
      ["role", "aria-readonly"].forEach((name) => value.removeAttribute(name));
      chooser.setAttribute("aria-labelledby", `${label.id} ${value.id}`);
    });
  });
})();
