/**
 * The user's sound: frames of 20 ms, 16-bit little-endian mono at 16 kHz.
 *
 * Law: frames come from `open` to `close` at the pace of real time; without a permitted microphone they
 * are silence, so that a session can be typed to.
 */

const USER_RATE_HZ = 16_000;

/** @type {MediaTrackConstraints} */
const CONSTRAINTS = {
  channelCount: 1,
  echoCancellation: true, // or the agent would hear, and interrupt, itself
  autoGainControl: true,
  noiseSuppression: false, // the ears were made on unsuppressed sound; suppression eats soft onsets
};

/** @typedef {"open" | "denied" | "absent" | "insecure"} MicrophoneState */

export class Microphone {
  /** @param {(frame: ArrayBuffer) => void} onFrame */
  constructor(onFrame) {
    this._onFrame = onFrame;
    /** @type {MediaStream | null} */
    this._stream = null;
    /** @type {AudioContext | null} */
    this._context = null;
    /** @type {AudioWorkletNode | null} */
    this._node = null;
    this._muted = false;
  }

  get muted() {
    return this._muted;
  }

  set muted(on) {
    this._muted = on;
    for (const track of this._stream?.getAudioTracks() ?? []) track.enabled = !on;
    this._node?.port.postMessage({ muted: on });
  }

  /**
   * Ask for the microphone and begin to send frames.
   * @param {{silent?: boolean}} [options]  silent: do not ask, send silence
   * @returns {Promise<MicrophoneState>}
   */
  async open({ silent = false } = {}) {
    const state = silent ? "absent" : await this._ask();
    try {
      await this._build(new AudioContext({ sampleRate: USER_RATE_HZ }));
    } catch (error) {
      // Firefox does not connect a microphone to a context of another rate: resample ourselves.
      if (!(error instanceof DOMException)) throw error;
      await this._context?.close();
      await this._build(new AudioContext());
    }
    this.muted = this._muted;
    return state;
  }

  async close() {
    for (const track of this._stream?.getTracks() ?? []) track.stop();
    this._node?.disconnect();
    const context = this._context;
    this._stream = this._context = this._node = null;
    if (context && context.state !== "closed") await context.close();
  }

  /** @returns {Promise<MicrophoneState>} */
  async _ask() {
    if (!navigator.mediaDevices?.getUserMedia) return "insecure";
    try {
      this._stream = await navigator.mediaDevices.getUserMedia({ audio: CONSTRAINTS });
      return "open";
    } catch (error) {
      const name = error instanceof DOMException ? error.name : "";
      return name === "NotAllowedError" || name === "SecurityError" ? "denied" : "absent";
    }
  }

  /** @param {AudioContext} context */
  async _build(context) {
    this._context = context;
    await context.audioWorklet.addModule(new URL("capture-worklet.js", import.meta.url));
    const node = new AudioWorkletNode(context, "hocket-capture", { outputChannelCount: [1] });
    if (this._stream) context.createMediaStreamSource(this._stream).connect(node);
    node.connect(context.destination); // it writes nothing: a node must lead somewhere to be run
    node.port.onmessage = ({ data }) => this._onFrame(data);
    this._node = node;
  }
}
