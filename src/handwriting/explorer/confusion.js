walk(explorer.querySelector(".stage"));

// An address such as #pair-4-9 opens that pair, and choosing a pair puts it into the address.
// Where the window is low, what was chosen may lie below it.
explorer.addEventListener("toggle", (event) => {
  if (event.target.open) event.target.querySelector(".panel").scrollIntoView({ block: "nearest" });
}, true);

const openAddressed = () => {
  const pair = /^#pair-\d+-\d+$/.test(location.hash) && explorer.querySelector(location.hash);
  if (pair) pair.open = true;
};
addEventListener("hashchange", openAddressed);
openAddressed();
explorer.addEventListener("click", (event) => {
  const summary = event.target.closest("summary");
  if (!summary || !root.closest("figure")) return;
  const pair = summary.parentElement;  // not yet open, if this click opens it
  history.replaceState(null, "", location.href.split("#")[0] + (pair.open ? "" : `#${pair.id}`));
});
