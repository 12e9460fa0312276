"use strict";
// Sort a table by the column whose heading is pressed; press again for the other direction.
for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const heading = button.parentElement;
    const table = heading.closest("table");
    const place = [...heading.parentElement.children].indexOf(heading);
    const number = heading.classList.contains("number");
    const down = heading.hasAttribute("aria-sort")
      ? heading.getAttribute("aria-sort") === "ascending"
      : number;
    for (const other of heading.parentElement.children) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = (row) => row.children[place].dataset.key;
    const compare = number
      ? (a, b) => missing(key(a)) - missing(key(b)) || (Number(key(a)) - Number(key(b))) * (down ? -1 : 1)
      : (a, b) => key(a).localeCompare(key(b), "en", { numeric: true }) * (down ? -1 : 1);
    const body = table.tBodies[0];
    body.append(...[...body.rows].sort(compare));
  });
}

// Missing numbers come last in either direction.
function missing(key) {
  return Number.isNaN(Number(key)) ? 1 : 0;
}
