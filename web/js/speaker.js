/**
 * The agent's sound: in at absolute positions, out of the speaker, with reports of what was played.
 *
 * Law: the context runs at the voice's own rate, so no sample is resampled by us; what is reported as
 * played was heard: rendered, and the device's output latency ago.
 */

/**
 * @typedef {object} SpeakerEvents
 * @property {(position: number, rms: number) => void} played  about every 100 ms while sound is played
 * @property {(position: number, silent_at_ms: number) => void} stopped
 *   the answer to a stop; `silent_at_ms` is when the device goes silent, on the page's clock
 */

/** @typedef {import("./playback-worklet.js").FromWorklet} FromWorklet */

const LATENCY_LOOK_MS = 1000; // devices change: a headset is plugged in

export class Speaker {
  /**
   * Open within a click, or the browser keeps the context silent.
   * @param {number} rate_hz
   * @param {SpeakerEvents} events
   */
  static async open(rate_hz, events) {
    const context = new AudioContext({ sampleRate: rate_hz, latencyHint: "interactive" });
    try {
      await context.audioWorklet.addModule(new URL("playback-worklet.js", import.meta.url));
    } catch (error) {
      await context.close();
      throw error;
    }
    const node = new AudioWorkletNode(context, "hocket-playback", {
      numberOfInputs: 0,
      outputChannelCount: [1],
    });
    node.connect(context.destination);
    return new Speaker(context, node, events);
  }

  /**
   * @param {AudioContext} context
   * @param {AudioWorkletNode} node
   * @param {SpeakerEvents} events
   */
  constructor(context, node, events) {
    this.rate_hz = context.sampleRate;
    this._context = context;
    this._node = node;
    this._events = events;
    node.port.onmessage = ({ data }) => this._take(/** @type {FromWorklet} */ (data));
    this._look = setInterval(() => this._lookAtLatency(), LATENCY_LOOK_MS);
    this._lookAtLatency();
  }

  /** Seconds from rendering to hearing. */
  get latency_s() {
    return this._context.outputLatency || this._context.baseLatency || 0;
  }

  /** Whether the browser lets us sound; false until a click on some browsers. */
  get running() {
    return this._context.state === "running";
  }

  async resume() {
    await this._context.resume();
  }

  /**
   * @param {number} position  absolute, of the first sample
   * @param {Float32Array<ArrayBuffer>} samples
   */
  play(position, samples) {
    this._node.port.postMessage({ play: { position, samples } }, [samples.buffer]);
  }

  /** @param {number} fade_ms */
  stop(fade_ms) {
    this._node.port.postMessage({ stop: { fade_ms } });
  }

  async close() {
    clearInterval(this._look);
    this._node.disconnect();
    if (this._context.state !== "closed") await this._context.close();
  }

  _lookAtLatency() {
    this._node.port.postMessage({ latency_s: this.latency_s });
  }

  /** @param {FromWorklet} message */
  _take(message) {
    if ("played" in message) {
      this._events.played(message.played.position, message.played.rms);
      return;
    }
    const { position, at_s } = message.stopped;
    const wait_s = at_s - this._context.currentTime + this.latency_s;
    this._events.stopped(position, performance.now() + wait_s * 1000);
  }
}
