const explorer = root.querySelector(".explorer");
explorer.classList.add("live-script");

// One stop for the Tab key; arrow keys go from there to the nearest summary of that row or column.
const walk = (stage) => {
  const stops = () => [...stage.querySelectorAll("summary")];
  const settle = (chosen) => stops().forEach((stop) => { stop.tabIndex = stop === chosen ? 0 : -1; });
  const middle = (stop) => {
    const box = stop.getBoundingClientRect();
    return [box.left + box.width / 2, box.top + box.height / 2, box.width, box.height];
  };
  const ways = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 1], ArrowUp: [1, -1] };
  stage.addEventListener("keydown", (event) => {
    const chosen = event.target.closest("details[open]");
    if (event.key === "Escape" && chosen) {
      chosen.open = false;
      chosen.querySelector("summary").focus();
    }
    const from = event.target.closest("summary");
    if (!from || event.altKey || event.ctrlKey || event.metaKey) return;
    if (!ways[event.key]) return;
    const [axis, sign] = ways[event.key];
    const here = middle(from);
    const away = (stop) => sign * (middle(stop)[axis] - here[axis]);
    const aside = (stop) => Math.abs(middle(stop)[1 - axis] - here[1 - axis]);
    const next = stops()
      .filter((stop) => away(stop) > here[2 + axis] / 2 && aside(stop) < here[3 - axis] / 2)
      .sort((one, other) => away(one) - away(other))[0];
    event.preventDefault();
    if (next) next.focus();
  });
  stage.addEventListener("focusin", (event) => {
    if (event.target.matches("summary")) settle(event.target);
  });
  stage.addEventListener("toggle", (event) => {
    if (event.target.open) settle(event.target.querySelector("summary"));
  }, true);
  settle(stage.querySelector("details[open] > summary") || stops()[0]);
};
