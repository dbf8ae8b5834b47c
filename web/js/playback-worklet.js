/**
 * The speaker's inner end, on the audio thread: plays the queue and tells what was really played.
 *
 * Law: messages in are `{play}`, `{stop}`, `{latency_s}`; messages out are `{played}` every 100 ms while
 * anything changes and `{stopped}` once for every stop.
 */
import { HeardPosition, PlayoutQueue } from "./playout-queue.js";

const QUANTUM = 128; // what every browser renders at once
const REPORT_S = 0.1;
const LONGEST_LATENCY_S = 2; // Bluetooth headsets take 0.2-0.3 s

/**
 * @typedef {{play: {position: number, samples: Float32Array}} | {stop: {fade_ms: number}}
 *   | {latency_s: number}} ToWorklet
 * @typedef {{played: {position: number, rms: number, waiting: number}}
 *   | {stopped: {position: number, at_s: number}}} FromWorklet  `at_s` is the context's time
 */

class PlaybackProcessor extends AudioWorkletProcessor {
  constructor() {
    super();
    this._queue = new PlayoutQueue(sampleRate);
    this._heard = new HeardPosition(Math.ceil((LONGEST_LATENCY_S * sampleRate) / QUANTUM));
    this._delay = 0;
    this._since = 0; // samples since the last report
    this._power = 0; // of those samples
    this._told = { position: 0, silent: true };
    this.port.onmessage = (/** @type {MessageEvent<ToWorklet>} */ { data }) => this._take(data);
  }

  /** @param {ToWorklet} message */
  _take(message) {
    if ("play" in message) this._queue.push(message.play.position, message.play.samples);
    else if ("stop" in message) this._queue.stop(Math.round((message.stop.fade_ms / 1000) * sampleRate));
    else this._delay = (message.latency_s * sampleRate) / QUANTUM;
  }

  /**
   * @param {Float32Array[][]} _inputs
   * @param {Float32Array[][]} outputs
   */
  process(_inputs, outputs) {
    const out = outputs[0][0];
    const stopped = this._queue.render(out);
    this._heard.rendered(this._queue.position);
    if (stopped !== null) {
      const at_s = currentTime + out.length / sampleRate;
      this._tell({ stopped: { position: stopped, at_s } });
    }
    for (const sample of out) this._power += sample * sample;
    this._since += out.length;
    if (this._since >= REPORT_S * sampleRate) this._report();
    return true;
  }

  _report() {
    const rms = Math.sqrt(this._power / this._since);
    const position = this._heard.heard(this._delay);
    this._since = this._power = 0;
    if (position === this._told.position && rms === 0 && this._told.silent) return;
    this._told = { position, silent: rms === 0 };
    this._tell({ played: { position, rms, waiting: this._queue.waiting } });
  }

  /** @param {FromWorklet} message */
  _tell(message) {
    this.port.postMessage(message);
  }
}

registerProcessor("hocket-playback", PlaybackProcessor);
