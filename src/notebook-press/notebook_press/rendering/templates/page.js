"use strict";
// Nothing here is needed to read the page: it marks the section in view in the contents, opens all
// code at once, sorts tables, and copies a listing.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  document.documentElement.classList.add("scripted");

  const links = all("nav[data-contents] a");
  const headings = [...new Set(links.map((link) => link.hash.slice(1)))]
    .map((anchor) => document.getElementById(decodeURIComponent(anchor)))
    .filter(Boolean);
  const fold = document.querySelector("details.contents");
  const place = fold && fold.querySelector(".place");
  let marked = null;

  const mark = () => {
    const line = Math.min(160, innerHeight / 4);
    const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
    const above = headings.filter((heading) => heading.getBoundingClientRect().top <= line);
    const current = (atEnd && scrollY > 0 ? headings : above).at(-1) || null;
    if (current === marked) return;
    marked = current;
    for (const link of links) {
      const here = current && decodeURIComponent(link.hash.slice(1)) === current.id;
      if (!here) {
        link.removeAttribute("aria-current");
        continue;
      }
      link.setAttribute("aria-current", "location");
      const list = link.closest(".side");
      if (list && list.scrollHeight > list.clientHeight) {
        list.scrollTop = link.offsetTop - list.clientHeight / 2;
      }
    }
    if (place) place.textContent = current ? current.textContent : "";
  };
  let waiting = false;
  const markSoon = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      mark();
    });
  };
  if (headings.length) {
    addEventListener("scroll", markSoon, { passive: true });
    addEventListener("resize", markSoon);
    mark();
  }
  if (fold) {
    fold.addEventListener("click", (event) => {
      if (event.target.closest("a")) fold.open = false;
    });
    fold.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !fold.open) return;
      fold.open = false;
      fold.querySelector("summary").focus();
    });
  }

  const codes = all("details.code");
  const everything = document.querySelector("button.all-code");
  if (everything && codes.length) {
    const allOpen = () => codes.every((code) => code.open);
    const name = () => {
      everything.textContent = allOpen() ? "Hide all code" : "Show all code";
    };
    everything.addEventListener("click", () => {
      const open = !allOpen();
      for (const code of codes) code.open = open;
      name();
    });
    for (const code of codes) code.addEventListener("toggle", name);
    name();
    everything.hidden = false;
  }

  const numberOf = (row, column) => Number.parseFloat(row.cells[column].dataset.number);
  for (const heading of all("th[data-sortable]")) {
    const table = heading.closest("table");
    const column = heading.cellIndex;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const sign = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      const rows = [...table.tBodies[0].rows].sort((one, other) => {
        const [first, second] = [numberOf(one, column), numberOf(other, column)];
        if (Number.isNaN(first) || Number.isNaN(second)) return Number.isNaN(first) - Number.isNaN(second);
        return sign * (first - second);
      });
      table.tBodies[0].append(...rows);
      for (const each of all("th[aria-sort]", table)) each.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
    });
  }

  const status = document.createElement("p");
  status.className = "unseen";
  status.setAttribute("role", "status");
  document.body.append(status);
  const select = (listing) => {
    const range = document.createRange();
    range.selectNodeContents(listing);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  };
  const copied = async (listing) => {
    try {
      await navigator.clipboard.writeText(listing.textContent.replace(/\n+$/, ""));
      return true;
    } catch {
      select(listing);
      return document.execCommand("copy");
    }
  };
  for (const code of codes) {
    const listing = code.querySelector("code");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    const count = code.querySelector(".count");
    button.setAttribute("aria-label", count ? `Copy code ${count.textContent}` : "Copy code");
    button.addEventListener("click", async () => {
      const done = await copied(listing);
      button.textContent = done ? "Copied" : "Selected";
      status.textContent = done ? "Code copied" : "Code selected: copy it with your keyboard";
      setTimeout(() => {
        button.textContent = "Copy";
        status.textContent = "";
      }, 2500);
    });
    code.querySelector(".listing").append(button);
  }
})();
