const all = (selector, within = root) => [...within.querySelectorAll(selector)];
const sliders = all("input[type=range]");
const values = sliders.map((slider) => JSON.parse(slider.dataset.values));
const outputs = all("output");
const cells = all(".turn-results tbody td");
const words = root.querySelector(".turn-words");
const figures = root.querySelector(".turn-figures");
const runs = new Map(data.runs.map((run) => [run.at.join(), run]));
const made = [];
let turns = 0;
const unpacked = new Map();

// A drawing is kept compressed, and unpacked once it is asked for.
const unpack = async (number) => {
  const [kind, content] = data.pictures[number].split(",", 2);
  if (kind !== "zlib") return data.pictures[number];
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return `data:image/svg+xml,${encodeURIComponent(await new Response(stream).text())}`;
};
const put = async (image, number) => {
  if (image.dataset.picture === String(number)) return;
  image.dataset.picture = number;
  if (!unpacked.has(number)) unpacked.set(number, unpack(number));
  const address = await unpacked.get(number);
  if (image.dataset.picture === String(number)) image.src = address;
};

// A figure's elements are used again, so that a picture is exchanged and nothing else moves.
const place = (number) => {
  if (!made[number]) {
    const [figure, paper, caption] = ["div", "div", "p"].map((tag) => document.createElement(tag));
    figure.className = "turn-figure";
    paper.className = "paper";
    caption.className = "turn-caption";
    paper.append(document.createElement("img"));
    figure.append(paper, caption);
    made[number] = figure;
  }
  return made[number];
};
const show = () => {
  sliders.forEach((slider, number) => {
    const value = values[number][slider.value];
    outputs[number].textContent = value;
    slider.setAttribute("aria-valuetext", value);
  });
  const run = runs.get(sliders.map((slider) => slider.value).join());
  words.textContent = run ? run.words : "No run has these values";
  cells.forEach((cell, number) => {
    cell.textContent = run ? run.results[number] : "\u2013";
  });
  const found = run ? run.figures : [];
  const awaited = [];
  if (!found) {
    words.textContent += ". " + data.left;
  }
  figures.replaceChildren(...(found || []).map(([picture, caption, alt], number) => {
    const figure = place(number);
    const image = figure.querySelector("img");
    image.parentElement.classList.toggle("themed", data.pictures[picture].startsWith("zlib"));
    image.alt = alt;
    figures.setAttribute("aria-busy", "true");
    awaited.push(put(image, picture));
    figure.querySelector("p").textContent = caption;
    return figure;
  }));
  const turn = (turns += 1);
  Promise.allSettled(awaited).then(() => turn === turns && figures.removeAttribute("aria-busy"));
};
for (const slider of sliders) slider.addEventListener("input", show);
show();

// The table of all runs gets a line to filter it by.
const tests = {
  "=": (one, other) => one === other, "<": (one, other) => one < other, ">": (one, other) => one > other,
  "<=": (one, other) => one <= other, ">=": (one, other) => one >= other,
};
const fits = (word, names, row) => {
  const found = word.match(/^(.+?)(<=|>=|=|<|>)(.+)$/);
  if (!found) return row.textContent.toLowerCase().includes(word);
  const cell = row.cells[names.indexOf(found[1])];
  if (!cell) return false;
  const [given, wanted] = [Number(cell.dataset.number ?? NaN), Number(found[3])];
  if (Number.isNaN(given) || Number.isNaN(wanted)) {
    return found[2] === "=" && cell.textContent.toLowerCase() === found[3];
  }
  return tests[found[2]](given, wanted);
};
addEventListener("DOMContentLoaded", () => {
  const table = all("figure.tabular table", document).at(-1);
  const rows = [...table.tBodies[0].rows];
  const names = [...table.rows[0].cells].map((cell) => cell.textContent.toLowerCase());
  const box = document.createElement("div");
  const [label, input, count] = ["label", "input", "span"].map((tag) => document.createElement(tag));
  box.className = "sweep-filter";
  label.textContent = "Only rows with";
  label.htmlFor = input.id = "sweep-filter";
  input.type = "search";
  input.placeholder = `such as ${names[1]}=${rows[0].cells[1].textContent}`;
  count.setAttribute("role", "status");
  box.append(label, input, count);
  table.closest(".scroll").before(box);
  const filter = () => {
    const asked = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      row.hidden = !asked.every((word) => fits(word, names, row));
      shown += !row.hidden;
    }
    count.textContent = `${shown} of ${rows.length} runs`;
  };
  input.addEventListener("input", filter);
  filter();
});
