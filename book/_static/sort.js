// Lets readers sort the table of prices: each heading becomes a button.
document.addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll("table.price-table")) {
    const body = table.tBodies[0];
    const headings = [...table.tHead.rows[0].cells];
    headings.forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = heading.textContent.trim();
      heading.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = heading.getAttribute("aria-sort") !== "descending";
        headings.forEach((other) => other.removeAttribute("aria-sort"));
        heading.setAttribute("aria-sort", down ? "descending" : "ascending");
        const sorted = [...body.rows].sort(
          (one, other) => compare(one.cells[column], other.cells[column]) * (down ? -1 : 1),
        );
        body.append(...sorted);
      });
    });
  }

  // Numbers by value, and before texts; "5 of 5" and "+6.2 points" count by their number.
  function compare(one, other) {
    const [a, b] = [one, other].map((cell) => cell.textContent.trim());
    const [x, y] = [a, b].map((text) => parseFloat(text.replace(/[±+,\s]/g, "").replace("−", "-")));
    if (Number.isNaN(x) && Number.isNaN(y)) return a.localeCompare(b);
    if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) ? -1 : 1;
    return x - y;
  }
});
