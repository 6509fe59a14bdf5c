const sheet = explorer.querySelector(".ink");
const brush = sheet.getContext("2d", { willReadFrequently: true });
const preview = explorer.querySelector(".pixels");
const answer = explorer.querySelector("output");
const rows = [...explorer.querySelectorAll(".bars li")];
const figures = rows.map((row) => row.appendChild(new Text()));
const names = network.names;
const thickness = sheet.height / 11;
const largest = { bytes: 2 ** 26, pixels: 60e6, side: 20000 };  // of a picture's file
const invitation = answer.textContent;
let strokes = [];
let picture = null;  // what a reader brings instead: its image, its pixels, what is said of it
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
  sheet.classList.toggle("picture", Boolean(picture?.image));
  if (picture?.image) {
    const { width, height } = picture.image;
    const corner = [(sheet.width - width) / 2, (sheet.height - height) / 2];
    brush.fillStyle = "#fff";
    brush.fillRect(...corner, width, height);  // what is transparent lies on white
    brush.drawImage(picture.image, ...corner);
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
  say(best < 0 ? picture?.said ?? invitation : `The network reads ${names[best]}.`);
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
const unfit = {
  none: "This browser finds no picture in this file: bring a PNG or a JPEG.",
  large: "This picture is too large: bring one of at most 64 MiB and 60 million pixels.",
  blank: "There is no ink to be told from paper in this picture.",
};
const opened = async (file) => {
  const image = new Image();
  await new Promise((done, failed) => {
    const reader = Object.assign(new FileReader(), { onerror: failed });
    reader.onload = () => Object.assign(image, { onload: done, onerror: failed, src: reader.result });
    reader.readAsDataURL(file);
  });
  return image;  // of which the browser knows the size, but has decoded nothing yet
};
const shrink = async (file) => {
  if (file.size > largest.bytes) throw new RangeError(unfit.large);
  const image = await opened(file);
  const [width, height] = [image.naturalWidth, image.naturalHeight];
  if (width * height > largest.pixels || Math.max(width, height) > largest.side) {
    throw new RangeError(unfit.large);
  }
  const scale = Math.min(1, sheet.width / width, sheet.height / height);
  const [resizeWidth, resizeHeight] = [width, height]
    .map((side) => Math.max(1, Math.round(side * scale)));
  return createImageBitmap(file, { resizeWidth, resizeHeight, resizeQuality: "high" });
};
const pixelsOf = (image) => {
  const { width, height } = image;
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, width, height).data;
};
const bring = async (file) => {
  clear();
  const blank = new Uint8Array(preview.width * preview.height);
  const brought = { image: null, pixels: blank, said: "Looking at the picture." };
  picture = brought;
  try {
    brought.image = await shrink(file);
  } catch (error) {
    brought.said = error instanceof RangeError ? error.message : unfit.none;
  }
  if (picture !== brought) return;  // somebody drew meanwhile, or brought another
  if (brought.image) {
    const { width, height } = brought.image;
    const ink = inkOfPicture(pixelsOf(brought.image), width, height);
    Object.assign(brought, { pixels: prepareDigit(ink, width, height), said: unfit.blank });
  }
  later();
};
const chooser = Object.assign(document.createElement("input"), { type: "file", accept: "image/*" });
chooser.addEventListener("change", () => {
  if (chooser.files.length) bring(chooser.files[0]);
  chooser.value = "";  // so that the same file can be chosen again
});
explorer.querySelector(".choose").addEventListener("click", () => chooser.click());
const board = explorer.querySelector(".board");
const hovering = (over) => (event) => {
  event.preventDefault();
  board.classList.toggle("hovering", over);
};
board.addEventListener("dragover", hovering(true));
board.addEventListener("dragleave", hovering(false));
board.addEventListener("drop", (event) => {
  hovering(false)(event);
  bring(event.dataTransfer.files[0] ?? new Blob());
});
board.addEventListener("paste", (event) => {
  if (event.clipboardData.files.length) bring(event.clipboardData.files[0]);
});
show(null);
