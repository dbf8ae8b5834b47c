/**
 * The last half minute of a session, as the live score draws it.
 *
 * Law: bounded; what is older than `KEPT_S` is forgotten. Times are session seconds, positions absolute
 * samples of the agent's stream. A word of ours is heard when its last sample was played, and cut when
 * its sound was dropped before.
 */
import { TICK_S } from "./score-types.js";

/** @typedef {import("./score-types.js").ScoreTick} ScoreTick */

/**
 * @typedef {object} AgentWord
 * @property {string} text
 * @property {number} start_s
 * @property {number} end_s
 * @property {number} end  position behind its last sample
 * @property {"sent" | "sounding" | "heard" | "cut"} state
 *
 * @typedef {object} Tick
 * @property {number} t
 * @property {number[]} levels_db
 * @property {import("./score-types.js").Floor} floor
 * @property {boolean} denied  the permit forbade to speak
 * @property {string} overruled  the rule against which the engine wanted to sound, or ""
 *
 * @typedef {{t: number, text: string, typed: boolean}} UserWord
 * @typedef {{start_s: number, end_s: number, levels_db: ArrayLike<number>}} Sound
 */

const KEPT_S = 40; // more than any screen shows
export const LEVEL_S = 0.01;

export class ScoreHistory {
  /** @type {Tick[]} */
  ticks = [];
  /** @type {UserWord[]} */
  userWords = [];
  /** @type {AgentWord[]} */
  agentWords = [];
  /** @type {Sound[]} */
  sounds = [];
  /** @type {{from_s: number, to_s: number}[]} */
  gaps = [];
  /** @type {number[]} */
  cuts_s = [];

  clear() {
    this.ticks = [];
    this.userWords = [];
    this.agentWords = [];
    this.sounds = [];
    this.gaps = [];
    this.cuts_s = [];
  }

  /** @param {ScoreTick} line */
  tick(line) {
    const overruled = line.events.find(({ kind }) => kind === "overruled" || kind === "withheld");
    this.ticks.push({
      t: line.t,
      levels_db: line.user.levels_db,
      floor: line.floor,
      denied: !line.permit.allowed.includes("speak"),
      overruled: overruled ? String(overruled.detail.rule ?? line.permit.rule) : "",
    });
    for (const text of line.user.heard) this.userWords.push({ t: line.t, text, typed: false });
    const typed = line.user.text.replace(/[\b\n]/g, "");
    if (typed) this.userWords.push({ t: line.t, text: typed, typed: true });
    for (const event of line.events) this._event(event);
    this._forget(line.t - KEPT_S);
  }

  /**
   * Sound that will be played from `start_s` on.
   * @param {number} start_s
   * @param {Float32Array} samples
   * @param {number} rate_hz
   */
  sound(start_s, samples, rate_hz) {
    const end_s = start_s + samples.length / rate_hz;
    this.sounds.push({ start_s, end_s, levels_db: levels(samples, Math.round(rate_hz * LEVEL_S)) });
  }

  /**
   * The sound was stopped: what was to come does not.
   * @param {number} at_s
   */
  cut(at_s) {
    this.cuts_s.push(at_s);
    this.sounds = this.sounds.filter((sound) => sound.start_s < at_s);
    for (const sound of this.sounds) sound.end_s = Math.min(sound.end_s, at_s);
  }

  /** @param {import("./score-types.js").ScoreEvent} event */
  _event({ kind, detail }) {
    if (kind === "response") this.gaps.push({ from_s: detail.from_s, to_s: detail.to_s });
  }

  /** @param {number} before_s */
  _forget(before_s) {
    this.ticks = this.ticks.filter((tick) => tick.t + TICK_S > before_s);
    this.userWords = this.userWords.filter((word) => word.t > before_s);
    this.agentWords = this.agentWords.filter((word) => word.end_s > before_s);
    this.sounds = this.sounds.filter((sound) => sound.end_s > before_s);
    this.gaps = this.gaps.filter((gap) => gap.to_s > before_s);
    this.cuts_s = this.cuts_s.filter((at_s) => at_s > before_s);
  }
}

/**
 * RMS of every 10 ms in dBFS, floored at -90.
 * @param {Float32Array} samples
 * @param {number} frame
 */
function levels(samples, frame) {
  return Float32Array.from({ length: Math.floor(samples.length / frame) }, (_, i) => {
    let power = 0;
    for (let n = i * frame; n < (i + 1) * frame; n++) power += samples[n] * samples[n];
    return Math.max(-90, 10 * Math.log10(power / frame + 1e-9));
  });
}
