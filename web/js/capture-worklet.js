/**
 * The microphone's inner end, on the audio thread: frames of 20 ms, 16-bit, at 16 kHz.
 *
 * Law: a frame goes out every 20 ms whether or not a microphone is connected: silence keeps the session's
 * time too. Muted, the frames are zeros.
 */
import { Resampler } from "./resampler.js";

const USER_RATE_HZ = 16_000;
const FRAME_SAMPLES = 320;
const QUANTUM = 128;

class CaptureProcessor extends AudioWorkletProcessor {
  constructor() {
    super();
    this._resampler = sampleRate === USER_RATE_HZ ? null : new Resampler(sampleRate, USER_RATE_HZ);
    this._frame = new Int16Array(FRAME_SAMPLES);
    this._filled = 0;
    this._muted = false;
    this.port.onmessage = ({ data }) => {
      this._muted = Boolean(data.muted);
    };
  }

  /** @param {Float32Array[][]} inputs */
  process(inputs) {
    const input = inputs[0][0] ?? new Float32Array(QUANTUM);
    const samples = this._resampler ? this._resampler.push(input) : input;
    for (const sample of samples) this._add(this._muted ? 0 : sample);
    return true;
  }

  /** @param {number} sample */
  _add(sample) {
    this._frame[this._filled++] = Math.max(-1, Math.min(1, sample)) * 32767;
    if (this._filled < FRAME_SAMPLES) return;
    const full = this._frame;
    this._frame = new Int16Array(FRAME_SAMPLES);
    this._filled = 0;
    this.port.postMessage(full.buffer, [full.buffer]);
  }
}

registerProcessor("hocket-capture", CaptureProcessor);
