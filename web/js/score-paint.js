/**
 * The strokes of the live score: one function a thing.
 *
 * Law: they draw what they are given where the layout says, and keep nothing. Colour never carries a
 * meaning alone: each floor has a shape of its own.
 */
import { height01, Rows } from "./score-layout.js";
import { LEVEL_S } from "./score-history.js";
import { TICK_S } from "./score-types.js";

/**
 * @typedef {import("./score-layout.js").Layout} Layout
 * @typedef {import("./score-history.js").ScoreHistory} ScoreHistory
 * @typedef {CanvasRenderingContext2D} Canvas
 * @typedef {Record<"ink" | "soft" | "faint" | "line" | "paper" | "you" | "hocket" | "listen" | "speak"
 *   | "hold" | "yield" | "backchannel" | "serif" | "sans", string>} Look
 */

/** Drawn last and beneath all. @type {(g: Canvas, l: Layout, look: Look) => void} */
export function staves(g, l, look) {
  g.globalCompositeOperation = "destination-over";
  g.strokeStyle = look.line;
  g.lineWidth = 1;
  g.beginPath();
  for (const middle of [l.middle.user, l.middle.agent]) {
    for (let i = -2; i <= 2; i++) {
      const y = Math.round(middle + i * l.line) + 0.5;
      g.moveTo(l.left, y);
      g.lineTo(l.width, y);
    }
  }
  g.stroke();
  g.globalCompositeOperation = "source-over";
}

/** The bracket that joins the two staves, and whose they are. @type {(g: Canvas, l: Layout, look: Look) => void} */
export function system(g, l, look) {
  const top = l.middle.user - 2 * l.line;
  const bottom = l.middle.agent + 2 * l.line;
  g.fillStyle = look.ink;
  g.fillRect(l.left - 1, top, 1.5, bottom - top + 1);
  if (!l.wide) return;
  g.fillRect(l.left - 8, top - 3, 3.5, bottom - top + 7);
  g.textAlign = "right";
  g.font = `italic 17px ${look.serif}`;
  g.fillStyle = look.you;
  g.fillText("You", l.left - 16, l.middle.user + 5);
  g.fillStyle = look.hocket;
  g.fillText("Hocket", l.left - 16, l.middle.agent + 5);
  g.textAlign = "left";
}

/** A bar a second, and the time every five. @type {(g: Canvas, l: Layout, look: Look) => void} */
export function bars(g, l, look) {
  const top = l.middle.user - 2 * l.line;
  const bottom = l.middle.agent + 2 * l.line;
  g.font = `11px ${look.sans}`;
  for (let t = Math.max(0, Math.ceil(l.from_s)); t <= l.to_s; t++) {
    const strong = t % 5 === 0;
    g.fillStyle = strong ? look.faint : look.line;
    g.fillRect(Math.round(l.x(t)), top, 1, bottom - top + 1);
    if (!strong) continue;
    g.fillStyle = look.soft;
    g.fillText(clock(t), Math.round(l.x(t)) + 4, l.text.ruler);
  }
}

/** @type {(g: Canvas, l: Layout, look: Look) => void} */
export function present(g, l, look) {
  g.fillStyle = look.soft;
  g.fillRect(Math.round(l.nowX), 22, 1, l.height - 44);
  g.beginPath();
  g.arc(Math.round(l.nowX) + 0.5, 20, 3, 0, 2 * Math.PI);
  g.fill();
}

/**
 * A mirrored envelope around the middle of a staff, drawn from the pieces as if they were one.
 * @param {Canvas} g
 * @param {Layout} l
 * @param {number} middle
 * @param {import("./score-history.js").Sound[]} pieces  in order of time
 */
function envelope(g, l, middle, pieces) {
  /** @type {[number, number][]} */
  let run = [];
  let end_s = -Infinity;
  for (const piece of pieces) {
    if (piece.end_s < l.from_s || piece.start_s > l.to_s) continue;
    if (piece.start_s - end_s > 2 * LEVEL_S) {
      blob(g, middle, run);
      run = [];
    }
    const n = Math.min(piece.levels_db.length, Math.round((piece.end_s - piece.start_s) / LEVEL_S));
    for (let i = 0; i < n; i++) {
      const height = 0.6 + 2.3 * l.line * height01(piece.levels_db[i]) ** 1.4;
      run.push([l.x(piece.start_s + (i + 0.5) * LEVEL_S), height]);
    }
    end_s = piece.end_s;
  }
  blob(g, middle, run);
}

/** @type {(g: Canvas, middle: number, run: [number, number][]) => void} */
function blob(g, middle, run) {
  g.beginPath();
  for (const [x, h] of run) g.lineTo(x, middle - h);
  for (const [x, h] of run.toReversed()) g.lineTo(x, middle + h);
  g.fill();
}

/** Both sides' sound; ours is light while it is on its way. @type {(g: Canvas, l: Layout, look: Look, h: ScoreHistory) => void} */
export function sounds(g, l, look, history) {
  g.fillStyle = look.you;
  const heard = history.ticks.map(({ t, levels_db }) => ({ start_s: t, end_s: t + TICK_S, levels_db }));
  envelope(g, l, l.middle.user, heard);
  g.fillStyle = look.hocket;
  for (const [from, to, alpha] of [[0, l.nowX, 1], [l.nowX, l.width, 0.35]]) {
    g.save();
    g.beginPath();
    g.rect(from, 0, to - from, l.height);
    g.clip();
    g.globalAlpha = alpha;
    envelope(g, l, l.middle.agent, history.sounds);
    g.restore();
  }
}

/** The floor, tick by tick, between the staves. @type {(g: Canvas, l: Layout, look: Look, h: ScoreHistory) => void} */
export function ribbon(g, l, look, history) {
  const y = l.middle.floor;
  for (const { floor, from_s, to_s } of runs(history)) {
    const x = l.x(from_s);
    const w = l.x(to_s) - x;
    g.fillStyle = look[floor];
    if (floor === "listen") g.fillRect(x, y - 1, w, 2);
    else if (floor === "backchannel") pill(g, x + 1, y - 4, w - 2, 8);
    else if (floor === "hold") hatched(g, look, x + 1, y - 7, w - 2, 14);
    else if (floor === "yield") falling(g, x, y, w);
    else pill(g, x + 1, y - 7, w - 2, 14);
  }
}

/** Where the permit forbade to speak, and where the engine had wanted to. @type {(g: Canvas, l: Layout, look: Look, h: ScoreHistory) => void} */
export function denials(g, l, look, history) {
  const y = l.middle.floor + 15;
  let overruledBefore = false;
  for (const { t, denied, overruled } of history.ticks) {
    const x = l.x(t);
    const w = l.x(t + TICK_S) - x;
    g.fillStyle = look.faint;
    if (denied) for (let i = 0; i < 3; i++) g.fillRect(x + (i + 0.25) * (w / 3), y - 1, w / 6, 2);
    if (overruled) cross(g, look, x + w / 2, l.middle.floor);
    if (overruled && !overruledBefore) {
      g.font = `11px ${look.sans}`;
      g.fillStyle = look.yield;
      g.fillText(overruled, x, y + 12);
    }
    overruledBefore = Boolean(overruled);
  }
}

/** Response gaps, as brackets from the user's last sound to our first. @type {(g: Canvas, l: Layout, look: Look, h: ScoreHistory) => void} */
export function gaps(g, l, look, history) {
  g.font = `600 12px ${look.sans}`;
  for (const { from_s, to_s } of history.gaps) {
    const [a, b] = [l.x(Math.min(from_s, to_s)), l.x(Math.max(from_s, to_s))];
    const y = l.text.gap;
    g.strokeStyle = g.fillStyle = look.ink;
    g.lineWidth = 1.25;
    g.beginPath();
    g.moveTo(a, y - 4);
    g.lineTo(a, y);
    g.lineTo(b, y);
    g.lineTo(b, y + 4);
    g.stroke();
    const label = `${(to_s - from_s).toFixed(2)} s`;
    const width = g.measureText(label).width;
    const x = b - a > width + 8 ? (a + b - width) / 2 : b + 5;
    g.fillStyle = look.paper;
    g.fillRect(x - 3, y - 6, width + 6, 12);
    g.fillStyle = look.ink;
    g.fillText(label, x, y + 4);
  }
}

/** What the user said, above their staff. @type {(g: Canvas, l: Layout, look: Look, h: ScoreHistory) => void} */
export function userWords(g, l, look, history) {
  const rows = new Rows(l.text.user, l.wide ? 90 : 60);
  for (const { t, text, typed } of history.userWords) {
    g.font = typed ? `13px ui-monospace, monospace` : `15px ${look.serif}`;
    const at = rows.place(l.x(t), g.measureText(text).width);
    g.fillStyle = look.ink;
    if (at) g.fillText(text, at.x, at.y);
  }
}

/** What we say, below our staff: light until it is heard, struck when it was cut. @type {(g: Canvas, l: Layout, look: Look, h: ScoreHistory) => void} */
export function agentWords(g, l, look, history) {
  const rows = new Rows(l.text.agent, l.wide ? 90 : 60);
  g.font = `15px ${look.serif}`;
  for (const { start_s, text, state } of history.agentWords) {
    const width = g.measureText(text).width;
    const at = rows.place(l.x(start_s), width);
    if (!at) continue;
    g.fillStyle = state === "heard" ? look.ink : state === "sounding" ? look.hocket : look.faint;
    if (state === "cut") g.fillStyle = look.soft;
    g.fillText(text, at.x, at.y);
    if (state === "cut") {
      g.fillStyle = look.yield;
      g.fillRect(at.x - 1, at.y - 5, width + 2, 1.5);
    }
  }
}

/** A caesura, the two strokes that break a melody off, where we were cut. @type {(g: Canvas, l: Layout, look: Look, h: ScoreHistory) => void} */
export function cuts(g, l, look, history) {
  const y = l.middle.agent - 2 * l.line;
  g.strokeStyle = look.yield;
  g.lineWidth = 2.5;
  g.lineCap = "round";
  g.beginPath();
  for (const at_s of history.cuts_s) {
    for (const dx of [3, 10]) {
      g.moveTo(l.x(at_s) + dx, y + 8);
      g.lineTo(l.x(at_s) + dx + 6, y - 8);
    }
  }
  g.stroke();
  g.lineCap = "butt";
}

/** The past fades away at the left. @type {(g: Canvas, l: Layout) => void} */
export function past(g, l) {
  const veil = g.createLinearGradient(l.left, 0, l.left + 70, 0);
  veil.addColorStop(0, "#000");
  veil.addColorStop(1, "#0000");
  g.globalCompositeOperation = "destination-out";
  g.fillStyle = veil;
  g.fillRect(0, 0, l.left + 70, l.height);
  g.globalCompositeOperation = "source-over";
}

/**
 * Ticks of one floor in a row.
 * @param {ScoreHistory} history
 */
function runs(history) {
  /** @type {{floor: import("./score-types.js").Floor, from_s: number, to_s: number}[]} */
  const found = [];
  for (const { t, floor } of history.ticks) {
    const last = found.at(-1);
    if (last?.floor === floor && floor !== "yield") last.to_s = t + TICK_S;
    else found.push({ floor, from_s: t, to_s: t + TICK_S });
  }
  return found;
}

/** @type {(g: Canvas, x: number, y: number, w: number, h: number) => void} */
function pill(g, x, y, w, h) {
  g.beginPath();
  g.roundRect(x, y, Math.max(w, 2), h, h / 2);
  g.fill();
}

/** @type {(g: Canvas, look: Look, x: number, y: number, w: number, h: number) => void} */
function hatched(g, look, x, y, w, h) {
  g.save();
  g.beginPath();
  g.roundRect(x, y, Math.max(w, 2), h, 3);
  g.clip();
  g.fill();
  g.strokeStyle = look.paper;
  g.lineWidth = 2;
  g.beginPath();
  for (let i = -h; i < w; i += 6) {
    g.moveTo(x + i, y + h);
    g.lineTo(x + i + h, y);
  }
  g.stroke();
  g.restore();
}

/** @type {(g: Canvas, x: number, y: number, w: number) => void} */
function falling(g, x, y, w) {
  g.beginPath();
  g.moveTo(x, y - 7);
  g.lineTo(x + w - 1, y + 7);
  g.lineTo(x, y + 7);
  g.fill();
}

/** @type {(g: Canvas, look: Look, x: number, y: number) => void} */
function cross(g, look, x, y) {
  g.strokeStyle = look.yield;
  g.lineWidth = 2;
  g.beginPath();
  g.moveTo(x - 4, y - 4);
  g.lineTo(x + 4, y + 4);
  g.moveTo(x + 4, y - 4);
  g.lineTo(x - 4, y + 4);
  g.stroke();
}

/** @param {number} t */
function clock(t) {
  return `${Math.floor(t / 60)}:${String(Math.floor(t) % 60).padStart(2, "0")}`;
}
