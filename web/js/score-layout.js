/**
 * Where things stand on the live score, in CSS pixels.
 *
 * Law: a pure function of the size and the present; the present stands still and time moves left.
 */

const WIDE_PX = 640;

/**
 * @typedef {object} Layout
 * @property {number} width
 * @property {number} height
 * @property {boolean} wide
 * @property {number} left  where the system begins
 * @property {number} nowX
 * @property {number} from_s  session time at `left`
 * @property {number} to_s  session time at the right edge
 * @property {number} line  distance of two lines of a staff
 * @property {{user: number, floor: number, agent: number}} middle  of the three bands
 * @property {{ruler: number, user: number[], gap: number, agent: number[]}} text  baselines
 * @property {(t: number) => number} x
 */

/**
 * @param {number} width
 * @param {number} height
 * @param {number} now_s
 * @returns {Layout}
 */
export function layout(width, height, now_s) {
  const wide = width >= WIDE_PX;
  const left = wide ? 84 : 14;
  const nowX = width - (wide ? 72 : 36);
  const px_s = wide ? 96 : 62;
  const from_s = now_s - (nowX - left) / px_s;
  const floor = height / 2;
  const apart = wide ? 62 : 54;
  const line = wide ? 10 : 8;
  const edge = 2 * line;
  const user = floor - apart;
  const agent = floor + apart;
  return {
    width,
    height,
    wide,
    left,
    nowX,
    from_s,
    to_s: now_s + (width - nowX) / px_s,
    line,
    middle: { user, floor, agent },
    text: {
      ruler: wide ? 16 : 13,
      user: [user - edge - 11, user - edge - 28],
      gap: floor - 17,
      agent: [agent + edge + 22, agent + edge + 40],
    },
    x: (t) => left + (t - from_s) * px_s,
  };
}

/** How high a level stands on its staff: 0 at -60 dBFS and below, 1 at -10. */
export function height01(/** @type {number} */ level_db) {
  return Math.max(0, Math.min(1, (level_db + 60) / 50));
}

/**
 * Gives each text a row on which it does not run into the one before it.
 * Law: in order of time; a text that fits on no row within `slack` pixels is left out.
 */
export class Rows {
  /**
   * @param {number[]} baselines  the preferred one first
   * @param {number} slack
   */
  constructor(baselines, slack) {
    this._rows = baselines.map((y) => ({ y, free: -Infinity }));
    this._slack = slack;
  }

  /**
   * @param {number} x
   * @param {number} width
   * @returns {{x: number, y: number} | null}
   */
  place(x, width) {
    const row =
      this._rows.find(({ free }) => free <= x) ?? this._rows.reduce((a, b) => (b.free < a.free ? b : a));
    const at = Math.max(x, row.free);
    if (at - x > this._slack) return null;
    row.free = at + width + 6;
    return { x: at, y: row.y };
  }
}
