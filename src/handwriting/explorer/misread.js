walk(explorer.querySelector(".stage"));

const digits = explorer.querySelector(".digits");
const buttons = [...explorer.querySelectorAll("[data-by]")];
const order = (by) => (one, other) =>
  (by === "confidence" ? 0 : one.dataset[by] - other.dataset[by])
  || other.dataset.confidence - one.dataset.confidence;
for (const button of buttons) {
  button.addEventListener("click", () => {
    digits.append(...[...digits.children].sort(order(button.dataset.by)));
    explorer.querySelector(".stage").scrollTop = 0;
    for (const each of buttons) each.setAttribute("aria-pressed", each === button);
  });
}
