/**
 * Streaming resampling by an exact ratio, for browsers that do not record at 16 kHz.
 *
 * Law: chunked equals whole, and sample n of the output lies at n * from / to of the input, without drift.
 * A polyphase FIR of a Kaiser-windowed sinc: 44.1 and 48 kHz to 16 kHz keep 0-7 kHz within 0.5 dB and
 * hold aliases below -60 dB.
 */

const KAISER_BETA = 7.0; // about -70 dB of ripple
const ZERO_CROSSINGS = 24; // each side: a transition of about 1 kHz at 16 kHz
const PASS = 0.94; // of the lower Nyquist frequency: the transition ends close above it

export class Resampler {
  /**
   * @param {number} from_hz
   * @param {number} to_hz
   */
  constructor(from_hz, to_hz) {
    const divisor = gcd(from_hz, to_hz);
    this._up = to_hz / divisor;
    this._down = from_hz / divisor;
    const cutoff = PASS * Math.min(1, to_hz / from_hz);
    this._half = Math.ceil(ZERO_CROSSINGS / cutoff);
    this._phases = kernels(this._up, this._half, cutoff);
    this._kept = new Float32Array(2 * this._half); // silence before the first sample
    this._next = 0; // of the next output sample, in input samples times `up`, from `_kept`'s middle
  }

  /**
   * @param {Float32Array} samples
   * @returns {Float32Array} what can be said so far; the filter looks ahead
   */
  push(samples) {
    const input = new Float32Array(this._kept.length + samples.length);
    input.set(this._kept);
    input.set(samples, this._kept.length);
    const ready = input.length - 2 * this._half;
    const out = [];
    while (this._next < ready * this._up) {
      out.push(this._at(input, Math.floor(this._next / this._up), this._next % this._up));
      this._next += this._down;
    }
    this._next -= samples.length * this._up;
    this._kept = input.slice(input.length - this._kept.length);
    return Float32Array.from(out);
  }

  /**
   * @param {Float32Array} input
   * @param {number} first
   * @param {number} phase
   */
  _at(input, first, phase) {
    const kernel = this._phases[phase];
    let sum = 0;
    for (let i = 0; i < kernel.length; i++) sum += kernel[i] * input[first + i];
    return sum;
  }
}

/**
 * One kernel a phase, each of gain 1 at 0 Hz.
 * @param {number} up
 * @param {number} half
 * @param {number} cutoff
 */
function kernels(up, half, cutoff) {
  return Array.from({ length: up }, (_, phase) => {
    const kernel = Float64Array.from({ length: 2 * half }, (_, i) => {
      const x = i - half + 1 - phase / up;
      return sinc(x * cutoff) * kaiser(x / half);
    });
    const sum = kernel.reduce((a, b) => a + b, 0);
    return kernel.map((value) => value / sum);
  });
}

/** @param {number} x */
function sinc(x) {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** @param {number} x  from -1 to 1 */
function kaiser(x) {
  return Math.abs(x) > 1 ? 0 : bessel(KAISER_BETA * Math.sqrt(1 - x * x)) / bessel(KAISER_BETA);
}

/**
 * The modified Bessel function of order 0, by its power series.
 * @param {number} x
 */
function bessel(x) {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/**
 * @param {number} a
 * @param {number} b
 * @returns {number}
 */
function gcd(a, b) {
  return b ? gcd(b, a % b) : a;
}
