/**
 * The native socket's messages (docs/native.md): text is JSON, binary is sound.
 *
 * Law: what the server sends is read here and nowhere else; an unknown message is passed over, so that an
 * older page goes on with a newer server.
 */

/** @typedef {import("./score-types.js").ScoreTick} ScoreTick */
/** @typedef {"reserved" | "responsive" | "proactive"} Mode */

/**
 * @typedef {{type: "hello", mode: Mode}
 *   | {type: "typed", text: string}
 *   | {type: "played", position: number}
 *   | {type: "stopped", position: number}
 *   | {type: "mute", on: boolean}
 *   | {type: "stop"}
 *   | {type: "mode", mode: Mode}} ToServer
 *
 * @typedef {{text: string, start_s: number, end_s: number, start: number, end: number}} WireWord
 *
 * @typedef {{type: "ready", session: string, user_rate_hz: number, voice_rate_hz: number,
 *     tick_ms: number, model: string, mode: Mode}
 *   | {type: "words", words: WireWord[]}
 *   | {type: "stop_playout", fade_ms: number}
 *   | {type: "score", line: ScoreTick}
 *   | {type: "error", code: string, message: string}
 *   | {type: "ended", totals: Record<string, unknown>}} FromServer
 *
 * @typedef {{position: number, samples: Float32Array<ArrayBuffer>}} Sound
 */

const HEADER_BYTES = 8; // the first sample's absolute position, unsigned, little-endian

/**
 * @param {ArrayBuffer} frame
 * @returns {Sound}
 */
export function readSound(frame) {
  const view = new DataView(frame);
  const n = (frame.byteLength - HEADER_BYTES) >> 1;
  const samples = new Float32Array(n);
  for (let i = 0; i < n; i++) samples[i] = view.getInt16(HEADER_BYTES + 2 * i, true) / 32768;
  return { position: Number(view.getBigUint64(0, true)), samples };
}

/**
 * @param {string} text
 * @returns {FromServer | null} null for what is no message of ours
 */
export function readMessage(text) {
  /** @type {unknown} */
  let data;
  try {
    data = JSON.parse(text);
  } catch {
    return null;
  }
  return data && typeof data === "object" && "type" in data ? /** @type {FromServer} */ (data) : null;
}
