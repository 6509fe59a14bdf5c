walk(explorer.querySelector(".stage"));

// Where the window is low, what was chosen may lie below it. Only a choice moves the page: the pair
// that is open from the start must not.
const bringIntoView = (pair) => {
  if (pair.open) pair.querySelector(".panel").scrollIntoView({ block: "nearest" });
};

// An address such as #pair-4-9 opens that pair, and choosing a pair puts it into the address.
const openAddressed = () => {
  const pair = /^#pair-\d+-\d+$/.test(location.hash) && explorer.querySelector(location.hash);
  if (!pair) return;
  pair.open = true;
  requestAnimationFrame(() => bringIntoView(pair));
};
addEventListener("hashchange", openAddressed);
openAddressed();
explorer.addEventListener("click", (event) => {
  const summary = event.target.closest("summary");
  if (!summary) return;
  const pair = summary.parentElement;  // not yet open, if this click opens it
  requestAnimationFrame(() => bringIntoView(pair));
  if (!root.closest("figure")) return;
  history.replaceState(null, "", location.href.split("#")[0] + (pair.open ? "" : `#${pair.id}`));
});
