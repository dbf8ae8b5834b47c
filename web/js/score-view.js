/**
 * The live score: two staves on one time axis, drawn while the session lives.
 *
 * Law: it draws from the history and changes nothing. At most 30 pictures a second, ten while ticks are
 * late (the models may share this machine: without a GPU 30 pictures cost a quarter of a core), five with
 * reduced motion, none while the page is hidden.
 */
import { layout } from "./score-layout.js";
import * as paint from "./score-paint.js";

/** @typedef {import("./score-history.js").ScoreHistory} ScoreHistory */

const FRAME_MS = 1000 / 31; // a little less than 1/30 s, or every second frame of 60 would be missed
const CALM_FRAME_MS = 200;
const SPARING_FRAME_MS = 100;
const SPARING_MS = 5000;

export class ScoreView {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {ScoreHistory} history
   * @param {() => number} now_s  session time
   */
  constructor(canvas, history, now_s) {
    this._canvas = canvas;
    this._history = history;
    this._now_s = now_s;
    const context = canvas.getContext("2d");
    if (!context) throw new Error("expected a canvas that can be drawn on, got none");
    this._g = context;
    this._look = look();
    this._calm = matchMedia("(prefers-reduced-motion: reduce)");
    this._running = false;
    this._drawn_ms = 0;
    this._sparing_until_ms = 0;
    new ResizeObserver(() => this.draw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this._look = look();
      this.draw();
    });
  }

  start() {
    if (this._running) return;
    this._running = true;
    requestAnimationFrame((ms) => this._frame(ms));
  }

  /** A tick was late: leave the machine to the models for a while. */
  spare() {
    this._sparing_until_ms = performance.now() + SPARING_MS;
  }

  /** The picture stays. */
  stop() {
    this._running = false;
  }

  /** @param {number} ms */
  _frame(ms) {
    if (!this._running) return;
    const sparing = ms < this._sparing_until_ms;
    const pace_ms = this._calm.matches ? CALM_FRAME_MS : sparing ? SPARING_FRAME_MS : FRAME_MS;
    if (ms - this._drawn_ms >= pace_ms) {
      this._drawn_ms = ms;
      this.draw();
    }
    requestAnimationFrame((next) => this._frame(next));
  }

  draw() {
    const { width, height } = this._fit();
    if (!width) return;
    const now_s = this._now_s();
    const [g, l, look, history] = [this._g, layout(width, height, now_s), this._look, this._history];
    g.clearRect(0, 0, width, height);
    paint.bars(g, l, look);
    paint.sounds(g, l, look, history);
    paint.ribbon(g, l, look, history);
    paint.denials(g, l, look, history);
    paint.gaps(g, l, look, history);
    paint.userWords(g, l, look, history);
    paint.agentWords(g, l, look, history);
    paint.cuts(g, l, look, history);
    paint.past(g, l);
    paint.staves(g, l, look);
    paint.system(g, l, look);
    paint.present(g, l, look);
  }

  /** Makes the canvas as fine as the screen. */
  _fit() {
    const { clientWidth: width, clientHeight: height } = this._canvas;
    const scale = devicePixelRatio || 1;
    const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
    if (this._canvas.width !== w || this._canvas.height !== h) {
      this._canvas.width = w;
      this._canvas.height = h;
    }
    this._g.setTransform(scale, 0, 0, scale, 0, 0);
    return { width, height };
  }
}

/** The colours and letters of the style sheet. @returns {paint.Look} */
function look() {
  const style = getComputedStyle(document.documentElement);
  const names = /** @type {const} */ ([
    "ink", "soft", "faint", "line", "paper", "you", "hocket", "listen", "speak", "hold", "yield",
    "backchannel", "serif", "sans",
  ]);
  const entries = names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]);
  return Object.fromEntries(entries);
}
