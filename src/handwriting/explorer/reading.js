// The network: bytes times scales, ReLU, and softmax or sigmoid.
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
const whole = (name) => new Int8Array(bytes(network[name]));
const floats = (name) => {
  const view = new DataView(bytes(network[name]));
  return Float32Array.from({ length: view.byteLength / 4 }, (_, k) => view.getFloat32(4 * k, true));
};
const dense = (input, kernel, scale, bias) => {
  const sums = new Float64Array(bias.length);
  input.forEach((value, row) => {
    if (!value) return;
    for (let column = 0, at = row * sums.length; column < sums.length; column += 1, at += 1) {
      sums[column] += value * kernel[at];
    }
  });
  return sums.map((sum, column) => sum * scale[column] + bias[column]);
};
const layer = (name) => [whole(`${name}_kernel`), floats(`${name}_scale`), floats(`${name}_bias`)];
const [hidden, output] = [layer("hidden"), layer("output")];
const activate = {
  sigmoid: (sums) => sums.map((sum) => 1 / (1 + Math.exp(-sum))),
  softmax: (sums) => {
    const most = Math.max(...sums);
    const powers = sums.map((sum) => Math.exp(sum - most));
    const total = powers.reduce((sum, power) => sum + power, 0);
    return powers.map((power) => power / total);
  },
}[network.activation];
const readDigit = (pixels) => {
  const scaled = Float64Array.from(pixels, (value) => value / 255);
  const excited = dense(scaled, ...hidden).map((sum) => Math.max(0, sum));
  return Float32Array.from(activate(dense(excited, ...output)));
};

// A drawing as the data set would have it: its box averaged down to that of the data set's images,
// keeping its proportions, and put where they lie. In MNIST that is 20 of 28 pixels, placed by the
// centre of mass (LeCun et al., 1998).
const box = (ink, width, height) => {
  let [left, top, right, bottom] = [width, height, -1, -1];
  ink.forEach((value, at) => {
    if (!value) return;
    const [x, y] = [at % width, Math.floor(at / width)];
    left = Math.min(left, x); right = Math.max(right, x);
    top = Math.min(top, y); bottom = y;
  });
  return right < 0 ? null : { left, top, width: right + 1 - left, height: bottom + 1 - top };
};
// How much of each of `count` cells, laid over `length` pixels from `start`, lies on each pixel.
const shares = (start, length, count) => Array.from({ length: count }, (_, cell) => {
  const [from, to] = [(cell * length) / count, ((cell + 1) * length) / count];
  const first = Math.floor(from);
  const pixels = Array.from({ length: Math.ceil(to) - first }, (__, k) => first + k);
  return pixels.map((pixel) => [
    start + pixel, (Math.min(to, pixel + 1) - Math.max(from, pixel)) / (to - from),
  ]);
});
const shrunk = (ink, stride, found, columns, rows) => {
  const across = shares(found.left, found.width, columns);
  const down = shares(found.top, found.height, rows);
  const lines = Array.from({ length: found.height }, (_, y) => across.map((cell) =>
    cell.reduce((sum, [x, part]) => sum + part * ink[(found.top + y) * stride + x], 0)));
  return down.map((cell) => across.map((_, column) =>
    cell.reduce((sum, [y, part]) => sum + part * lines[y - found.top][column], 0)));
};
const prepareDigit = (ink, width, height) => {
  const pixels = new Uint8Array(network.width * network.height);
  const found = box(ink, width, height);
  if (!found) return pixels;
  const scale = Math.min(
    (network.box * network.width) / found.width, (network.box * network.height) / found.height,
  );
  const [columns, rows] = [found.width, found.height]
    .map((side) => Math.max(1, Math.round(side * scale)));
  const small = shrunk(ink, width, found, columns, rows);
  let [mass, x, y] = [0, 0, 0];
  small.forEach((line, row) => line.forEach((value, column) => {
    mass += value; x += value * column; y += value * row;
  }));
  const centre = network.by_mass ? [x / mass, y / mass] : [(columns - 1) / 2, (rows - 1) / 2];
  const left = Math.round(network.column - centre[0]);
  const top = Math.round(network.row - centre[1]);
  small.forEach((line, row) => line.forEach((value, column) => {
    const [u, v] = [left + column, top + row];
    if (u >= 0 && v >= 0 && u < network.width && v < network.height) {
      pixels[v * network.width + u] = Math.round(value);
    }
  }));
  return pixels;
};
for (const each of [root, explorer]) Object.assign(each, { readDigit, prepareDigit });
