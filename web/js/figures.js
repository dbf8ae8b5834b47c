/**
 * The session in numbers: response gaps, compute of a tick, deadlines.
 *
 * Law: only what the score says is shown; gaps are signed (a negative gap is overlap).
 */
import { TICK_S } from "./score-types.js";
import { part } from "./floor-view.js";

/** @typedef {import("./score-types.js").ScoreTick} ScoreTick */

const RECENT_TICKS = 25; // five seconds
const MOST_GAPS = 200;

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export class Figures {
  /** @type {number[]} */
  _gaps_s = [];
  /** @type {number[]} */
  _ticks_ms = [];
  _misses = 0;

  /** @param {HTMLElement} root */
  constructor(root) {
    this._last = part(root, "gap-last");
    this._median = part(root, "gap-median");
    this._compute = part(root, "compute");
    this._meter = part(root, "compute-meter");
    this._missed = part(root, "missed");
    this.clear();
  }

  clear() {
    this._gaps_s = [];
    this._ticks_ms = [];
    this._misses = 0;
    this._last.textContent = this._median.textContent = this._compute.textContent = "–";
    this._missed.textContent = "none";
    this._meter.style.setProperty("--p", "0");
  }

  /** @param {ScoreTick} line */
  tick(line) {
    const { hear, think, voice } = line.compute_ms;
    this._ticks_ms = [...this._ticks_ms, hear + think + voice].slice(-RECENT_TICKS);
    for (const { kind, detail } of line.events) {
      if (kind === "response") this._gaps_s.push(detail.to_s - detail.from_s);
      if (kind === "deadline_missed") this._misses += 1;
    }
    this._gaps_s = this._gaps_s.slice(-MOST_GAPS);
    this._show();
  }

  _show() {
    const typical = median(this._ticks_ms);
    this._compute.textContent = `${typical.toFixed(0)} of ${TICK_S * 1000} ms`;
    this._meter.style.setProperty("--p", Math.min(1, typical / (TICK_S * 1000)).toFixed(3));
    this._missed.textContent = this._misses ? String(this._misses) : "none";
    const last = this._gaps_s.at(-1);
    if (last === undefined) return;
    this._last.textContent = `${last.toFixed(2)} s`;
    this._median.textContent = `${median(this._gaps_s).toFixed(2)} s of ${this._gaps_s.length}`;
  }
}
