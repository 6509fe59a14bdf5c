const sheet = explorer.querySelector(".ink");
const brush = sheet.getContext("2d", { willReadFrequently: true });
const preview = explorer.querySelector(".pixels");
const answer = explorer.querySelector("output");
const rows = [...explorer.querySelectorAll(".bars li")];
const figures = rows.map((row) => row.appendChild(new Text()));
const names = network.names;
const thickness = sheet.height / 11;
const largestFile = 2 ** 26;  // bytes
const invitation = answer.textContent;
let strokes = [];
let picture = null;  // what a reader brings instead: its pixels, and what is to be said of it
let pen = null;  // where the pen that keys move stands, and whether it is down
let waiting = false;

const number = (score) => (network.activation === "softmax"
  ? `${(100 * score).toFixed(1)}%`.replace("100.0%", ">99.9%")
  : score.toFixed(3));

const inked = () => {
  const { data } = brush.getImageData(0, 0, sheet.width, sheet.height);
  return Uint8Array.from({ length: data.length / 4 }, (_, k) => data[4 * k + 3]);
};

const paint = () => {
  brush.clearRect(0, 0, sheet.width, sheet.height);
  if (picture?.image) {
    const { width, height } = picture.image;
    brush.drawImage(picture.image, (sheet.width - width) / 2, (sheet.height - height) / 2);
  }
  brush.lineCap = "round";
  brush.lineJoin = "round";
  brush.lineWidth = thickness;
  brush.strokeStyle = "#000";
  for (const points of strokes) {
    brush.beginPath();
    brush.moveTo(...points[0]);
    for (const point of points) brush.lineTo(...point);
    brush.stroke();
  }
};

// The pen is no ink: it is drawn when the ink has been read.
const paintPen = () => {
  if (!pen || document.activeElement !== sheet) return;
  brush.lineWidth = 3;
  brush.strokeStyle = pen.down ? "#000" : "#888";
  brush.beginPath();
  brush.arc(pen.x, pen.y, thickness / 2 + 4, 0, 2 * Math.PI);
  brush.stroke();
};

const show = (scores) => {
  const best = scores ? scores.indexOf(Math.max(...scores)) : -1;
  rows.forEach((row, k) => {
    row.classList.toggle("best", k === best);
    row.querySelector("i").style.width = scores ? `${100 * scores[k]}%` : "0";
    figures[k].data = scores ? number(scores[k]) : "";
  });
  return best;
};

const showPixels = (pixels) => {
  const context = preview.getContext("2d");
  const picture = context.createImageData(preview.width, preview.height);
  pixels.forEach((value, k) => picture.data.set([0, 0, 0, value], 4 * k));
  context.putImageData(picture, 0, 0);
};

const say = (text) => { if (answer.textContent !== text) answer.textContent = text; };

const update = () => {
  waiting = false;
  paint();
  const pixels = picture?.pixels ?? prepareDigit(inked(), sheet.width, sheet.height);
  const scores = pixels.some(Boolean) ? readDigit(pixels) : null;
  const best = show(scores);
  showPixels(pixels);
  paintPen();
  say(best < 0 ? picture?.problem ?? invitation : `The network reads ${names[best]}.`);
};
const later = () => { if (!waiting) { waiting = true; requestAnimationFrame(update); } };

const place = (event) => {
  const frame = sheet.getBoundingClientRect();
  return [
    ((event.clientX - frame.left) * sheet.width) / frame.width,
    ((event.clientY - frame.top) * sheet.height) / frame.height,
  ];
};
let drawn = null;  // the stroke of the pointer that is down
sheet.addEventListener("pointerdown", (event) => {
  if (event.button || !event.isPrimary) return;
  sheet.setPointerCapture(event.pointerId);
  pen = picture = null;
  drawn = [place(event)];
  strokes.push(drawn);
  later();
});
sheet.addEventListener("pointermove", (event) => {
  if (!drawn || !event.isPrimary) return;
  const events = event.getCoalescedEvents?.() ?? [];
  drawn.push(...(events.length ? events : [event]).map(place));
  later();
});
for (const name of ["pointerup", "pointercancel"]) {
  sheet.addEventListener(name, (event) => { if (event.isPrimary) drawn = null; });
}

const clear = () => {
  strokes = [];
  picture = null;
  if (pen) pen.down = false;
  later();
};
explorer.querySelector(".clear").addEventListener("click", clear);

const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
sheet.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const step = steps[event.key];
  if (step || event.key === " ") {
    pen ??= { x: sheet.width / 2, y: sheet.height / 4, down: false };
    if (step) {
      const by = sheet.height / 28;
      pen.x = Math.min(sheet.width, Math.max(0, pen.x + by * step[0]));
      pen.y = Math.min(sheet.height, Math.max(0, pen.y + by * step[1]));
    } else {
      pen.down = !pen.down;
      if (pen.down) strokes.push([]);
      picture = null;
    }
    if (pen.down) strokes.at(-1).push([pen.x, pen.y]);
  } else if (event.key === "Delete" || event.key === "Backspace") {
    clear();
  } else return;
  event.preventDefault();
  later();
});
for (const name of ["focus", "blur"]) sheet.addEventListener(name, later);

// A picture is scaled to the sheet by the browser, upright as its camera held it, and stays here.
const shrink = async (file) => {
  if (file.size > largestFile) throw new RangeError("too large");
  const whole = await createImageBitmap(file);
  const scale = Math.min(1, sheet.width / whole.width, sheet.height / whole.height);
  const [resizeWidth, resizeHeight] = [whole.width, whole.height]
    .map((side) => Math.max(1, Math.round(side * scale)));
  return createImageBitmap(whole, { resizeWidth, resizeHeight, resizeQuality: "high" });
};
const pixelsOf = (image) => {
  const { width, height } = image;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, width, height).data;
};
const bring = async (file) => {
  if (!file) return;
  clear();
  try {
    const image = await shrink(file);
    const ink = inkOfPicture(pixelsOf(image), image.width, image.height);
    const pixels = prepareDigit(ink, image.width, image.height);
    picture = { image, pixels, problem: "There is no ink to be told from paper in this picture." };
  } catch (error) {
    const problem = "This file is no picture that can be shown here: bring a PNG or a JPEG.";
    picture = { image: null, pixels: new Uint8Array(preview.width * preview.height), problem };
  }
  later();
};
const chooser = Object.assign(document.createElement("input"), { type: "file", accept: "image/*" });
chooser.addEventListener("change", () => {
  bring(chooser.files[0]);
  chooser.value = "";  // so that the same file can be chosen again
});
explorer.querySelector(".choose").addEventListener("click", () => chooser.click());
const board = explorer.querySelector(".board");
board.addEventListener("dragover", (event) => event.preventDefault());
board.addEventListener("drop", (event) => {
  event.preventDefault();
  bring(event.dataTransfer.files[0]);
});
show(null);
