/**
 * The session's time, as the page sees it.
 *
 * Law: a score line says at what session time it was finished; the line that travelled fastest lately
 * tells how the two clocks stand. Never backwards.
 */

const REMEMBERED = 50; // lines: 10 s, long against jitter and short against drift

export class SessionClock {
  constructor() {
    /** @type {number[]} */
    this._offsets_s = [];
    this._last_s = 0;
  }

  /**
   * A line that was finished at `session_s` has come now.
   * @param {number} session_s
   * @param {number} page_ms
   */
  saw(session_s, page_ms) {
    this._offsets_s.push(session_s - page_ms / 1000);
    if (this._offsets_s.length > REMEMBERED) this._offsets_s.shift();
  }

  /** @param {number} page_ms */
  now_s(page_ms) {
    if (!this._offsets_s.length) return this._last_s;
    this._last_s = Math.max(this._last_s, Math.max(...this._offsets_s) + page_ms / 1000);
    return this._last_s;
  }
}
