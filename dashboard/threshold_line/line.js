// How does the line follow the hand at once, and how do browser and server agree on where it is?
//
// The line is a native range input. While it moves, texts that the server made beforehand are looked up; nothing is
// sent. Once it is let go, one message goes out, with a number (rev). Until the server's data come back with that
// number, older data must not move the line back; after five seconds they may, for the message may be lost.

export const ANSWER_MS = 5000;
export const KEYS_MS = 250;

/** What both sides think the threshold is. Knows neither the document nor the clock. */
export class Agreement {
  constructor() {
    this.value = null;
    this.server = null;
    this.rev = 0;
    this.pending = null;
    this.held = false;
  }

  /** Data came from the server. */
  received(value, rev, now) {
    this.server = value;
    if (this.pending && (rev >= this.pending.rev || now >= this.pending.until)) this.pending = null;
    this.rev = Math.max(this.rev, rev);
    this.settle();
  }

  /** Somebody moves the line. */
  moved(value) {
    this.held = true;
    this.value = value;
  }

  /** The line was let go: what is to be sent, or null where the server knows it already. */
  released(now) {
    this.held = false;
    if (this.value === (this.pending ? this.pending.value : this.server)) {
      this.settle();
      return null;
    }
    this.rev += 1;
    this.pending = { value: this.value, rev: this.rev, until: now + ANSWER_MS };
    return { value: this.value, rev: this.rev };
  }

  /** Time has passed: gives up waiting for an answer that did not come. */
  waited(now) {
    if (this.pending && now >= this.pending.until) this.pending = null;
    this.settle();
  }

  settle() {
    if (!this.held && !this.pending) this.value = this.server;
  }
}

/** What stands at a threshold: only looked up, never computed. */
export function shown(data, value) {
  return {
    now: String(value),
    spoken: data.spoken[value],
    place: place(value, data.top),
    texts: data.numbers.map((one) => one.texts[value]),
    changes: data.numbers.map((one) => (one.changes ? one.changes[value] : "")),
  };
}

/** Where a threshold lies in the drawing: at the left edge of its score, for a score on the line counts in. */
export function place(value, top) {
  return `${Math.round((100000 * value) / (top + 1)) / 1000}%`;
}

/** Writes only what has changed: the same text again would be laid out again. */
function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function made(tag, name, ...children) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  node.append(...children);
  return node;
}

class ThresholdLine {
  constructor(root) {
    const found = new Map();
    this.find = (selector) => found.get(selector) ?? found.set(selector, root.querySelector(selector)).get(selector);
    this.range = this.find(".range");
    this.agreement = new Agreement();
    this.drawn = {};
    this.byKeys = false;
    this.range.oninput = () => this.moved();
    this.range.onchange = () => this.changed();
    this.range.onkeydown = () => (this.byKeys = true);
    this.range.onpointerdown = () => this.grasped();
    this.range.onblur = () => this.keysDue && this.release();
    root.addEventListener("keydown", (event) => event.key === "Escape" && this.closeHelp(root));
  }

  /** Data, theme or fragment changed. */
  render(component) {
    this.component = component;
    this.data = component.data;
    this.draw();
    this.agreement.received(this.data.value, this.data.rev, performance.now());
    this.paint();
  }

  grasped() {
    this.byKeys = false;
    this.agreement.held = true;
    // No `change` comes after a line that was put back where it was; and one that comes, comes before the timer.
    const ends = new AbortController();
    const settle = () => {
      ends.abort();
      setTimeout(() => this.settled(), 50);
    };
    for (const end of ["pointerup", "pointercancel"]) {
      window.addEventListener(end, settle, { capture: true, signal: ends.signal });
    }
  }

  settled() {
    if (!this.agreement.held || this.keysDue) return;
    this.release();
  }

  moved() {
    this.agreement.moved(this.range.valueAsNumber);
    this.paint();
  }

  changed() {
    if (!this.byKeys) return this.release();
    clearTimeout(this.keysDue);
    this.keysDue = setTimeout(() => this.release(), KEYS_MS);
  }

  release() {
    clearTimeout(this.keysDue);
    this.keysDue = 0;
    const message = this.agreement.released(performance.now());
    if (message) {
      this.component.setTriggerValue("released", message);
      clearTimeout(this.answerDue);
      this.answerDue = setTimeout(() => this.waited(), ANSWER_MS + 20);
    }
    this.paint();
  }

  waited() {
    this.agreement.waited(performance.now());
    this.paint();
  }

  /** The line and all that depends on where it is; runs on every frame of a drag. */
  paint() {
    const value = Math.min(this.agreement.value, this.data.top);
    const { now, spoken, place: left, texts, changes } = shown(this.data, value);
    if (this.range.valueAsNumber !== value) this.range.value = now;
    this.range.setAttribute("aria-valuetext", spoken);
    this.find(".line").style.left = left;
    this.find(".veil").style.width = left;
    this.find(".now-text").style.setProperty("--at", left);
    write(this.find(".now-text"), now);
    write(this.find(".now"), now);
    this.values.forEach((cells, index) => {
      write(cells.text, texts[index]);
      write(cells.change, changes[index]);
    });
  }

  /** Everything that stays where it is during a drag. */
  draw() {
    const { top, label, active, best } = this.data;
    this.range.max = String(top);
    this.range.setAttribute("aria-label", label);
    write(this.find(".label"), label);
    this.find(".plot").style.setProperty("--travel", place(top, top));
    this.mark(".active", active, active && active.at);
    this.mark(".best", best, best && best.from);
    if (best) this.find(".best").style.width = `calc(${place(best.to, top)} - ${place(best.from, top)})`;
    if (best) this.find(".best-text").style.setProperty("--at", place((best.from + best.to) / 2, top));
    write(this.find(".note"), this.data.note);
    const alt = this.data.alt;
    const bars = this.find(".bars");
    bars.setAttribute(alt ? "role" : "aria-hidden", alt ? "img" : "true");
    bars.removeAttribute(alt ? "aria-hidden" : "role");
    bars.setAttribute("aria-label", alt);
    this.anew("bars", () => bars.replaceChildren(...this.data.bars.map(column)));
    this.anew("scale", () => this.find(".scale").replaceChildren(...this.data.scale.map(mark)));
    this.anew("ticks", () => this.find(".ticks").replaceChildren(...this.data.ticks.map(tick)));
    const lines = this.data.numbers.map(({ key, label: name, help }) => [key, name, help]);
    this.anew("numbers", () => this.lines(), lines);
  }

  mark(selector, marked, at) {
    this.find(selector).hidden = !marked;
    this.find(`${selector}-text`).parentNode.hidden = !marked;
    if (!marked) return;
    this.find(selector).style.left = place(at, this.data.top);
    this.find(`${selector}-text`).style.setProperty("--at", place(at, this.data.top));
    write(this.find(`${selector}-text`), marked.text);
  }

  /** Makes nodes anew only where their data changed: the others keep the focus and cost nothing. */
  anew(name, make, data = this.data[name]) {
    const now = JSON.stringify(data);
    if (this.drawn[name] === now) return;
    this.drawn[name] = now;
    make();
  }

  lines() {
    this.values = this.data.numbers.map(() => ({ text: made("span", "text"), change: made("span", "change") }));
    this.find(".numbers").replaceChildren(
      ...this.data.numbers.map(({ label, help }, index) => {
        const { text, change } = this.values[index];
        const name = made("dt", "", label);
        if (help) name.append(" ", ...question(label, help, index));
        return made("div", "number", name, made("dd", "", text, " ", change));
      }),
    );
  }

  closeHelp(root) {
    for (const button of root.querySelectorAll(".help")) button.classList.add("closed");
  }
}

function column([left, width, won, worked, never, words]) {
  const bar = made("div", "bar");
  bar.style.left = `${left}%`;
  bar.style.width = `${width}%`;
  bar.title = words;
  for (const [name, height] of [["won", won], ["worked", worked], ["never", never]]) {
    if (!height) continue;
    const part = made("i", name);
    part.style.height = `${height}%`;
    bar.append(part);
  }
  return bar;
}

function mark([bottom, text]) {
  const line = made("span", "", text);
  line.style.bottom = `${bottom}%`;
  return line;
}

function tick([left, text, always]) {
  const node = made("span", always ? "" : "wide", text);
  node.style.left = `${left}%`;
  return node;
}

function question(label, help, index) {
  const button = made("button", "help", "?");
  const words = made("span", "words", help);
  button.type = "button";
  button.setAttribute("aria-label", `What is ${label}?`);
  words.id = `help-${index}`;
  words.setAttribute("role", "tooltip");
  button.setAttribute("aria-describedby", words.id);
  button.onblur = button.onpointerenter = () => button.classList.remove("closed");
  return [button, words];
}

const lines = new WeakMap();

export default function (component) {
  const { parentElement } = component;
  if (!lines.has(parentElement)) lines.set(parentElement, new ThresholdLine(parentElement));
  const line = lines.get(parentElement);
  line.render(component);
  return () => line.keysDue && line.release();
}
