// A picture of one sign: the same steps, in the same order, as `data/photographs/single.py`, so that
// a page and Python see the same ink.
const rule = { blocks: 16, strokes: 5, faintest: 25, smallest: 20, inner: 10, pen: 14, rarest: 2000, weakest: 3 };
const sortedAt = (values, part) => values.sort((one, other) => one - other)[part(values.length)];
const upperQuarter = (count) => Math.floor((3 * (count - 1)) / 4);

const onPaper = (rgba, width, height) => {
  const colours = new Uint8Array(3 * width * height);
  const grey = Int32Array.from({ length: width * height }, (_, at) => {
    const opacity = rgba[4 * at + 3];
    for (let k = 0; k < 3; k += 1) {
      colours[3 * at + k] = Math.floor(
        (rgba[4 * at + k] * opacity + 255 * (255 - opacity) + 127) / 255,
      );
    }
    return (77 * colours[3 * at] + 150 * colours[3 * at + 1] + 29 * colours[3 * at + 2]) >> 8;
  });
  const border = grey.filter((_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    return !x || !y || x === width - 1 || y === height - 1;
  });
  const paper = sortedAt(border, (count) => Math.floor(count / 2));
  const excess = grey.reduce((sum, value) => sum + value - paper, 0);
  const turned = paper < 128 && excess > 0;
  return Int32Array.from(grey, (_, at) => {
    const three = colours.subarray(3 * at, 3 * at + 3);
    return turned ? 255 - Math.max(...three) : Math.min(...three);
  });
};

// The largest or the least of each value's neighbours, `reach` rows and columns away at most.
const extreme = (values, width, height, reach, choose) => {
  const along = (source, step, length, place) => source.map((_, at) => {
    let best = source[at];
    for (let by = -reach; by <= reach; by += 1) {
      const to = place(at) + by;
      if (to >= 0 && to < length) best = choose(best, source[at + by * step]);
    }
    return best;
  });
  return along(
    along(values, 1, width, (at) => at % width), width, height, (at) => Math.floor(at / width),
  );
};

const paperBelow = (bright, width, height, size) => {
  const [columns, rows] = [width, height].map((side) => Math.ceil(side / size));
  const levels = Float64Array.from({ length: rows * columns }, (_, block) => {
    const [left, top] = [(block % columns) * size, Math.floor(block / columns) * size];
    const [right, bottom] = [Math.min(width, left + size), Math.min(height, top + size)];
    const held = [];
    for (let y = top; y < bottom; y += 1) held.push(...bright.subarray(y * width + left, y * width + right));
    return sortedAt(held, upperQuarter);
  });
  const reach = (rule.strokes - 1) / 2;
  const opened = extreme(levels, columns, rows, reach, Math.max);
  return { levels: extreme(opened, columns, rows, reach, Math.min), columns, rows };
};

const darkness = (bright, width, height) => {
  const size = Math.ceil(Math.max(width, height) / rule.blocks);
  const { levels, columns, rows } = paperBelow(bright, width, height, size);
  const between = (at, count) => {
    const place = Math.min(Math.max((at - (size - 1) / 2) / size, 0), count - 1);
    const before = Math.floor(place);
    return [before, Math.min(before + 1, count - 1), place - before];
  };
  const across = Array.from({ length: width }, (_, x) => between(x, columns));
  const dark = new Int32Array(width * height);
  for (let y = 0; y < height; y += 1) {
    const [above, below, down] = between(y, rows);
    const line = Float64Array.from({ length: columns }, (_, column) =>
      levels[above * columns + column] * (1 - down) + levels[below * columns + column] * down);
    across.forEach(([left, right, share], x) => {
      const paper = Math.max(line[left] * (1 - share) + line[right] * share, 1);
      const at = y * width + x;
      dark[at] = Math.round(Math.max(0, 255 - (255 * bright[at]) / paper));
    });
  }
  return dark;
};

// N. Otsu (1979), A threshold selection method from gray-level histograms; and at least a share of the
// strongest ink.
const threshold = (dark) => {
  const counts = new Float64Array(256);
  for (const value of dark) counts[value] += 1;
  const whole = counts.reduce((sum, count, value) => sum + count * value, 0);
  const rarest = dark.length - Math.floor(dark.length / rule.rarest);
  let [below, sum, best, at, strongest] = [0, 0, -1, 0, 0];
  counts.forEach((count, value) => {
    if (below < rarest) strongest = value;
    below += count;
    sum += count * value;
    const apart = sum * dark.length - whole * below;
    const score = (apart * apart) / Math.max(below * (dark.length - below), 1);
    if (score > best) [best, at] = [score, value];
  });
  return Math.max(at, Math.floor(strongest / rule.weakest));
};

// The parts of the ink, each as the places of its pixels, and whether it touches the border.
const partsOf = (inked, width, height) => {
  const seen = Uint8Array.from(inked, (value) => 1 - value);
  const parts = [];
  seen.forEach((known, start) => {
    if (known) return;
    const part = { places: [start], inside: true };
    seen[start] = 1;
    for (let next = 0; next < part.places.length; next += 1) {
      const at = part.places[next];
      const [x, y] = [at % width, Math.floor(at / width)];
      if (!x || !y || x === width - 1 || y === height - 1) part.inside = false;
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v += 1) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u += 1) {
          if (!seen[v * width + u]) {
            seen[v * width + u] = 1;
            part.places.push(v * width + u);
          }
        }
      }
    }
    parts.push(part);
  });
  return parts;
};

const signOf = (inked, width, height) => {
  const parts = partsOf(inked, width, height);
  const area = (part) => part.places.length;
  const largest = (among) => among.reduce((best, part) => (area(part) > area(best) ? part : best), { places: [] });
  const [all, within] = [largest(parts), largest(parts.filter((part) => part.inside))];
  const main = area(within) * rule.inner >= area(all) ? within : all;
  const sign = new Uint8Array(inked.length);
  for (const part of parts) {
    if (area(part) * rule.smallest >= area(main) && (part.inside || part === main)) {
      for (const at of part.places) sign[at] = 1;
    }
  }
  return sign;
};

// How many pixels strokes lack on either side to be seen once the sign is framed.
const lacking = (sign, width, height) => {
  const found = box(sign, width, height);
  const isInk = (x, y) => x >= 0 && y >= 0 && x < width && y < height && sign[y * width + x];
  let [area, boundary] = [0, 0];
  sign.forEach((value, at) => {
    if (!value) return;
    const [x, y] = [at % width, Math.floor(at / width)];
    area += 1;
    if (!(isInk(x - 1, y) && isInk(x + 1, y) && isInk(x, y - 1) && isInk(x, y + 1))) boundary += 1;
  });
  const frame = Math.max(network.width, network.height);
  const narrowest = Math.max(1, frame / rule.pen) / (network.box * frame);
  const missing = narrowest * Math.max(found.width, found.height) - (2 * area) / boundary;
  return Math.max(0, Math.round(missing / 2));
};

const inkOfPicture = (rgba, width, height) => {
  const dark = darkness(onPaper(rgba, width, height), width, height);
  const least = threshold(dark);
  const sign = signOf(dark.map((value) => Number(value > least)), width, height);
  const values = dark.filter((_, at) => sign[at]);
  if (!values.length || dark.reduce((most, value) => Math.max(most, value), 0) < rule.faintest) {
    return new Uint8Array(dark.length);
  }
  const factor = 255 / sortedAt(values, upperQuarter);
  const edged = extreme(sign, width, height, 1, Math.max);
  const ink = Uint8Array.from(dark, (value, at) =>
    (edged[at] && 2 * value > least ? Math.min(255, Math.round(value * factor)) : 0));
  return extreme(ink, width, height, lacking(sign, width, height), Math.max);
};
for (const each of [root, explorer]) Object.assign(each, { inkOfPicture });
