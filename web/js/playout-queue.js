/**
 * What waits to be played, and how far our stream was really played.
 *
 * Law: positions are absolute sample counts of the server's stream; they never go back, and a stop drops
 * everything that was pushed before it and nothing that is pushed after. No clock, no audio API: the
 * worklet gives it buffers to fill, tests do the same.
 */

/** Ramp at the two ends of a run of sound: 3 ms hide the click of a queue that ran dry. */
const EDGE_SAMPLES = 64;

/** The server sends sound as it is to be heard: more than this waiting means that something is wrong. */
const MOST_S = 30;

/** @typedef {{position: number, samples: Float32Array, at: number}} Piece  `at`: samples already played */

export class PlayoutQueue {
  /** @param {number} rate_hz */
  constructor(rate_hz) {
    /** Behind the last sample rendered. */
    this.position = 0;
    /** Sound that was thrown away because too much waited. */
    this.dropped_samples = 0;
    /** @type {Piece[]} */
    this._pieces = [];
    this._waiting = 0;
    this._most = MOST_S * rate_hz;
    this._rise = 0; // samples of the ramp up that are done
    /** @type {{left: number, total: number, after: Piece[]} | null} */
    this._fade = null;
  }

  /** Samples that wait, those behind a fade included. */
  get waiting() {
    return this._waiting;
  }

  /** Whether a fade is under way. */
  get fading() {
    return this._fade !== null;
  }

  /**
   * Sound that begins at an absolute position; the oldest goes (and is counted) beyond 30 s.
   * @param {number} position
   * @param {Float32Array} samples
   */
  push(position, samples) {
    if (!samples.length) return;
    const pieces = this._fade ? this._fade.after : this._pieces;
    pieces.push({ position, samples, at: 0 });
    this._waiting += samples.length;
    while (this._waiting > this._most && this._pieces.length > 1) {
      const oldest = /** @type {Piece} */ (this._pieces.shift());
      this._waiting -= oldest.samples.length - oldest.at;
      this.dropped_samples += oldest.samples.length - oldest.at;
    }
  }

  /**
   * Fade out over at most so many samples and forget the rest. `render` reports the end once.
   * @param {number} fade_samples
   */
  stop(fade_samples) {
    if (this._fade) return;
    this._fade = { left: fade_samples, total: Math.max(1, fade_samples), after: [] };
  }

  /**
   * Fill a buffer.
   * @param {Float32Array} out
   * @returns {number | null} where the stream stopped, once after each `stop`
   */
  render(out) {
    out.fill(0);
    let filled = 0;
    /** @type {number | null} */
    let stopped = null;
    while (filled < out.length) {
      if (this._fade && (this._fade.left === 0 || !this._pieces.length)) stopped = this._endFade();
      const piece = this._pieces[0];
      if (!piece) break;
      filled += this._copy(piece, out, filled);
    }
    if (filled < out.length) this._ranDry(out, filled);
    return stopped;
  }

  /**
   * @param {Piece} piece
   * @param {Float32Array} out
   * @param {number} from
   */
  _copy(piece, out, from) {
    const room = Math.min(out.length - from, piece.samples.length - piece.at);
    const n = this._fade ? Math.min(room, this._fade.left) : room;
    for (let i = 0; i < n; i++) out[from + i] = piece.samples[piece.at + i] * this._gain();
    piece.at += n;
    this._waiting -= n;
    this.position = piece.position + piece.at;
    if (piece.at === piece.samples.length) this._pieces.shift();
    return n;
  }

  /** The next sample's gain: up at the start of a run, down in a fade. */
  _gain() {
    const up = this._rise < EDGE_SAMPLES ? ++this._rise / EDGE_SAMPLES : 1;
    return this._fade ? (up * this._fade.left--) / this._fade.total : up;
  }

  _endFade() {
    const after = /** @type {NonNullable<typeof this._fade>} */ (this._fade).after;
    this._pieces = after;
    this._waiting = after.reduce((n, piece) => n + piece.samples.length, 0);
    this._fade = null;
    this._rise = 0;
    return this.position;
  }

  /**
   * Nothing follows what was filled: let it end without a click.
   * @param {Float32Array} out
   * @param {number} filled
   */
  _ranDry(out, filled) {
    const ramp = Math.min(filled, EDGE_SAMPLES);
    for (let i = 1; i <= ramp; i++) out[filled - i] *= (i - 1) / ramp;
    this._rise = 0;
  }
}

/**
 * What was heard lags behind what was rendered by the device's latency.
 * Law: `heard` gives the position that was rendered `delay` quanta ago; it never goes back.
 */
export class HeardPosition {
  /** @param {number} quanta  the longest delay that can be asked for */
  constructor(quanta) {
    this._ring = new Float64Array(quanta);
    this._next = 0;
    this._heard = 0;
  }

  /**
   * Note the position behind one more rendered quantum.
   * @param {number} position
   */
  rendered(position) {
    this._ring[this._next % this._ring.length] = position;
    this._next += 1;
  }

  /**
   * @param {number} delay  in quanta
   * @returns {number} absolute position
   */
  heard(delay) {
    const back = Math.min(Math.max(0, Math.round(delay)), this._ring.length - 1, this._next - 1);
    if (back >= 0) {
      const then = this._ring[(this._next - 1 - back) % this._ring.length];
      this._heard = Math.max(this._heard, then);
    }
    return this._heard;
  }
}
