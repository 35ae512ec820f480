// A lesson's page: a guess, then the answer, then every figure of the claim at each place of its axis. No library, nothing fetched.
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const COLOURS = ["#0072B2", "#B35C00", "#00735A", "#A0467F", "#555555", "#7B4B2A"];
const DASHES = ["", "8 4", "2 4", "10 3 2 3", "4 2", "1 3"];
const near = (a) => (Math.abs(a) >= 1000 ? a.toLocaleString("en", {maximumFractionDigits: 0}) : Number(a.toPrecision(4)).toString());

function guessed() {
  if (data.choices.length) {
    const picked = document.querySelector("input[name=choice]:checked");
    return picked ? picked.value : null;
  }
  const text = byId("guess").value;
  return text === "" ? null : Number(text);
}

function verdict(guess) {
  if (guess === null) return "You made no guess.";
  if (data.choices.length) return guess === data.choice ? "You were right." : "You chose another.";
  const away = guess - data.value;
  if (Math.abs(away) <= data.near || (data.low <= guess && guess <= data.high)) return `You said ${guess}: near enough.`;
  return `You said ${guess}: ${near(Math.abs(away))} too ${away > 0 ? "high" : "low"}.`;
}

function reveal() {
  byId("verdict").textContent = verdict(guessed());
  byId("answer").hidden = false;
  if (data.measures.length) draw();
  byId("answer").querySelector("h2").focus();
}

function element(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function draw() {
  const measure = data.measures[byId("measure").selectedIndex];
  const at = data.xs.length > 1 ? Number(byId("x").value) : 0;
  const chart = byId("chart");
  chart.replaceChildren();
  const [width, height, left, top, bottom] = [560, 320, 84, 12, 42];
  const points = data.figures.filter((f) => f.measure === measure.name);
  const lows = points.map((f) => f.low), highs = points.map((f) => f.high);
  let [low, high] = [Math.min(...lows), Math.max(...highs)];
  const room = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
  [low, high] = [low - room, high + room];
  const y = (v) => top + ((high - v) / (high - low)) * (height - top - bottom);
  const x = (k) => (data.xs.length > 1 ? left + 30 + (k / (data.xs.length - 1)) * (width - left - 60) : (left + width) / 2);
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.7);
  for (let value = Math.ceil(low / step) * step; value <= high; value += step) {
    chart.append(element("line", {x1: left, x2: width - 10, y1: y(value), y2: y(value), stroke: "#ddd"}));
    chart.append(element("text", {x: left - 8, y: y(value) + 5, "text-anchor": "end", "font-size": 18}, near(Number(value.toPrecision(6)))));
  }
  if (data.xs.length > 1) {
    chart.append(element("rect", {x: x(at) - 16, y: top, width: 32, height: height - top - bottom, fill: "#f0f0f0"}));
    data.xs.forEach((name, k) => chart.append(element("text", {x: x(k), y: height - 16, "text-anchor": "middle", "font-size": 18}, name)));
  }
  data.arms.forEach((arm, a) => {
    const mine = data.xs.map((name, k) => points.find((f) => f.arm === arm && f.x === k)).filter((f) => f);
    const shift = (f) => x(f.x) + (data.xs.length > 1 ? 0 : (a - (data.arms.length - 1) / 2) * 90);
    const path = mine.map((f) => `${shift(f)},${y(f.estimate)}`).join(" ");
    chart.append(element("polyline", {points: path, fill: "none", stroke: COLOURS[a % 6], "stroke-width": 2.5, "stroke-dasharray": DASHES[a % 6]}));
    mine.forEach((f) => {
      chart.append(element("line", {x1: shift(f), x2: shift(f), y1: y(f.low), y2: y(f.high), stroke: COLOURS[a % 6], "stroke-width": 2}));
      chart.append(element("circle", {cx: shift(f), cy: y(f.estimate), r: 5, fill: COLOURS[a % 6]}));
    });
  });
  const said = data.arms.map((arm) => {
    const found = points.find((f) => f.arm === arm && f.x === at);
    return found ? `${arm}: ${near(found.estimate)} ± ${near(Number(((found.high - found.low) / 2).toPrecision(2)))}` : "";
  }).filter((words) => words);
  const where = data.xs.length > 1 ? ` at ${data.xs[at]} (${data.axis})` : "";
  byId("reading").textContent = `${measure.words}${where}: ${said.join("; ")}`;
  if (data.xs.length > 1) byId("x").setAttribute("aria-valuetext", data.xs[at]);
}

function legend() {
  data.arms.forEach((arm, a) => {
    const item = document.createElement("li");
    const swatch = element("svg", {width: 44, height: 12, "aria-hidden": "true"});
    swatch.append(element("line", {x1: 2, x2: 42, y1: 6, y2: 6, stroke: COLOURS[a % 6], "stroke-width": 3, "stroke-dasharray": DASHES[a % 6]}));
    item.append(swatch, ` ${arm}`);
    byId("legend").append(item);
  });
}

if (data.measures.length) {
  data.measures.forEach((measure) => byId("measure").append(new Option(measure.words)));
  byId("measure").addEventListener("change", draw);
  if (data.xs.length > 1) byId("x").addEventListener("input", draw);
  legend();
}
if (!data.choices.length) {
  byId("slide").addEventListener("input", () => { byId("guess").value = byId("slide").value; });
  byId("guess").addEventListener("input", () => { byId("slide").value = byId("guess").value; });
}
byId("form").addEventListener("submit", (event) => { event.preventDefault(); reveal(); });
