"use strict";
// Tables that sort and filter, and figures that open large. Without this script all of the page is
// there, too. What a study names is put in as text and never as markup.
(() => {
  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
  const textOf = (row, column) => row.cells[column].textContent.trim();

  // Tablesort's order is downward; what is no number comes after all that are.
  const number = (text) => (text !== "" && Number.isFinite(+text) ? +text : -Number.MAX_VALUE);
  Tablesort.extend("number", () => false, (a, b) => number(b) - number(a));

  function choiceOf(heading, rows) {
    const column = heading.cellIndex;
    const values = [...new Set(rows.map((row) => textOf(row, column)))];
    const select = make("select", {});
    select.append(...["all", ...values].map((value) => make("option", { textContent: value })));
    const label = make("label", { textContent: `${heading.textContent} ` });
    label.append(select);
    const fits = (row) =>
      select.selectedIndex === 0 || textOf(row, column) === values[select.selectedIndex - 1];
    return { label, fits, useful: 1 < values.length && values.length < rows.length };
  }

  function addFilters(table) {
    const rows = [...table.tBodies[0].rows];
    const headings = [...table.querySelectorAll("th[data-filter]")];
    const choices = headings.map((heading) => choiceOf(heading, rows)).filter((c) => c.useful);
    if (!choices.length) return;
    const bar = make("div", { className: "filters" });
    const shown = make("output", {});
    bar.append(...choices.map((choice) => choice.label), shown);
    bar.addEventListener("change", () => {
      for (const row of rows) row.hidden = !choices.every((choice) => choice.fits(row));
      shown.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} rows`;
    });
    table.closest(".wide").before(bar);
  }

  for (const table of document.querySelectorAll("table.sortable")) {
    new Tablesort(table);
    addFilters(table);
  }

  const dialog = make("dialog", {});
  const close = make("button", { type: "button", textContent: "Close" });
  const place = make("div", { className: "large", tabIndex: 0 });
  let home = null; // where the figure in the dialog belongs
  dialog.append(close, place);
  document.body.append(dialog);

  function enlarge(frame) {
    home = frame;
    frame.style.minHeight = `${frame.offsetHeight}px`; // the page below stays where it is
    const figure = frame.firstElementChild;
    dialog.setAttribute("aria-label", figure.getAttribute("aria-label"));
    place.append(figure); // moved, not copied: ids stay unique
    dialog.showModal();
  }
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("a")) dialog.close();
  });
  dialog.addEventListener("close", () => {
    home.append(place.firstElementChild);
    home.style.minHeight = "";
  });
  for (const figure of document.querySelectorAll("figure")) {
    const frame = figure.querySelector(".wide");
    const button = make("button", { type: "button", textContent: "Open large" });
    button.addEventListener("click", () => enlarge(frame));
    figure.querySelector("figcaption").append(" ", button);
    frame.addEventListener("click", (event) => {
      if (!event.target.closest("a")) enlarge(frame);
    });
  }

  // On paper nothing is folded.
  const folded = () => document.querySelectorAll("details:not([open])");
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...folded()];
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
  });
})();
