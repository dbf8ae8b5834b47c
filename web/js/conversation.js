/**
 * One conversation on the page: moves what comes from the socket, the microphone and the speaker to where
 * it is shown, played or sent.
 *
 * Law: it decides nothing. What was played is told to the server as soon as it is known; a stop fades here
 * first and is reported with the position that was really reached.
 */
import { Connection } from "./connection.js";
import { Microphone } from "./microphone.js";
import { SessionClock } from "./session-clock.js";
import { Speaker } from "./speaker.js";

/** @typedef {import("./wire.js").FromServer} FromServer */
/** @typedef {import("./wire.js").Mode} Mode */

/**
 * @typedef {object} Views
 * @property {import("./score-history.js").ScoreHistory} history
 * @property {import("./score-view.js").ScoreView} score
 * @property {import("./captions.js").Captions} captions
 * @property {import("./floor-view.js").FloorView} floor
 * @property {import("./figures.js").Figures} figures
 * @property {import("./stage.js").Stage} stage
 * @property {import("./controls.js").Controls} controls
 */

const LOCAL_FADE_MS = 30; // as the session's own

export class Conversation {
  /**
   * @param {string} url
   * @param {() => Views} views
   * @param {number[]} [retry_s]
   */
  constructor(url, views, retry_s) {
    this._views = views;
    this.clock = new SessionClock();
    this._microphone = new Microphone((frame) => this._captured(frame));
    /** @type {Promise<Speaker | null> | null} */
    this._speaker = null;
    this._playing_until_s = 0;
    this._reported = 0;
    this._typedLine = "";
    this._sessions = 0;
    this._link = new Connection(
      url,
      {
        hello: () => ({ type: "hello", mode: views().controls.mode }),
        link: (link) => this._linked(link),
        message: (message) => this._take(message),
        sound: (sound) => this._sound(sound),
      },
      retry_s,
    );
  }

  /** The present in session seconds. */
  now_s() {
    return this.clock.now_s(performance.now());
  }

  // -- what the person does ------------------------------------------------------------------------

  /** @param {{silent: boolean}} how */
  async begin({ silent }) {
    const { stage, controls } = this._views();
    if (!silent) stage.asking();
    await this._microphone.close();
    const state = await this._microphone.open({ silent });
    controls.hasMicrophone = state === "open";
    if (!silent) stage.microphone(state, () => void this._askAgain());
    this._link.open();
  }

  async end() {
    this._link.close();
    await this._microphone.close();
  }

  retry() {
    this._link.open();
  }

  /** @param {boolean} muted */
  microphone(muted) {
    this._microphone.muted = muted;
    this._views().controls.microphoneMuted = muted;
  }

  /** @param {boolean} on */
  mute(on) {
    this._link.send({ type: "mute", on });
    this._views().controls.muted = on;
    if (on) this._silence(LOCAL_FADE_MS);
  }

  stop() {
    this._link.send({ type: "stop" });
    this._silence(LOCAL_FADE_MS);
  }

  /** @param {Mode} mode */
  mode(mode) {
    this._link.send({ type: "mode", mode });
  }

  /** @param {string} strokes */
  typed(strokes) {
    this._link.send({ type: "typed", text: strokes });
    for (const character of strokes) this._stroke(character);
  }

  /** A click lets a browser sound that had refused to. */
  resume() {
    void this._speaker?.then((speaker) => speaker?.resume());
  }

  async _askAgain() {
    await this._microphone.close();
    const state = await this._microphone.open();
    const { stage, controls } = this._views();
    controls.hasMicrophone = state === "open";
    stage.microphone(state, () => void this._askAgain());
  }

  /** @param {string} character */
  _stroke(character) {
    if (character === "\b") this._typedLine = Array.from(this._typedLine).slice(0, -1).join("");
    else if (character !== "\n") this._typedLine += character;
    else {
      this._views().captions.typed(this._typedLine, this.now_s());
      this._typedLine = "";
    }
  }

  // -- what the server says ------------------------------------------------------------------------

  /** @param {import("./connection.js").Link} link */
  _linked(link) {
    const { stage, controls, score } = this._views();
    const live = link.state === "open";
    stage.link(link);
    controls.live = live;
    if (live) return;
    score.stop();
    this._closeSpeaker();
    if (link.state === "ended") void this._microphone.close();
  }

  /** @param {FromServer} message */
  _take(message) {
    switch (message.type) {
      case "ready":
        this._ready(message);
        break;
      case "score":
        this._line(message.line);
        break;
      case "words":
        this._words(message.words);
        break;
      case "stop_playout":
        this._silence(message.fade_ms);
        break;
      case "error":
        if (this._link.link.state === "open") this._views().stage.notice(message.message);
        break;
      case "ended":
        break;
    }
  }

  /** @param {Extract<FromServer, {type: "ready"}>} message */
  _ready(message) {
    const { history, captions, floor, figures, score, stage, controls } = this._views();
    this.clock = new SessionClock();
    this._playing_until_s = this._reported = 0;
    history.clear();
    floor.clear();
    figures.clear();
    if (this._sessions++) captions.note("A new conversation: Hocket remembers nothing of what is above.");
    controls.muted = false;
    stage.playing(message.model);
    this._openSpeaker(message.voice_rate_hz);
    score.start();
  }

  /** @param {import("./score-types.js").ScoreTick} line */
  _line(line) {
    const { history, captions, floor, figures, score } = this._views();
    if (line.events.some(({ kind }) => kind === "deadline_missed")) score.spare();
    this.clock.saw(line.clock_s[3] || line.t, performance.now());
    history.tick(line);
    captions.heard(line.user.heard, line.user.tentative, line.t);
    floor.tick(line);
    figures.tick(line);
  }

  /** @param {import("./wire.js").WireWord[]} words */
  _words(words) {
    const { history, captions } = this._views();
    const shown = words.map(({ text, start_s, end_s, end }) => {
      return { text, start_s, end_s, end, state: /** @type {const} */ ("sent") };
    });
    history.agentWords.push(...shown);
    captions.coming(
      shown,
      words.map(({ start }) => start),
    );
  }

  // -- the speaker -----------------------------------------------------------------------------------

  /** @param {number} rate_hz */
  _openSpeaker(rate_hz) {
    this._closeSpeaker();
    const { stage } = this._views();
    this._speaker = Speaker.open(rate_hz, {
      played: (position, rms) => this._played(position, rms),
      stopped: (position, silent_at_ms) => this._stopped(position, silent_at_ms),
    }).then(
      (speaker) => {
        if (!speaker.running) stage.notice("Click anywhere to let Hocket sound.");
        return speaker;
      },
      (error) => {
        const again = () => {
          stage.notice("");
          this._openSpeaker(rate_hz);
        };
        stage.notice(`Hocket cannot be heard: ${error.message}`, "Try again", again);
        return null;
      },
    );
  }

  _closeSpeaker() {
    void this._speaker?.then((speaker) => speaker?.close());
    this._speaker = null;
  }

  /** @param {import("./wire.js").Sound} sound */
  _sound({ position, samples }) {
    void this._speaker?.then((speaker) => {
      if (!speaker) return;
      const start_s = Math.max(this.now_s(), this._playing_until_s);
      this._playing_until_s = start_s + samples.length / speaker.rate_hz;
      this._views().history.sound(start_s, samples, speaker.rate_hz);
      speaker.play(position, samples);
    });
  }

  /** @param {number} fade_ms */
  _silence(fade_ms) {
    void this._speaker?.then((speaker) => speaker?.stop(fade_ms));
  }

  /** @param {ArrayBuffer} frame  16-bit sound of the user */
  _captured(frame) {
    tell("captured", { rms: rms(new Int16Array(frame)) });
    this._link.sendSound(frame);
  }

  /**
   * @param {number} position
   * @param {number} rms
   */
  _played(position, rms) {
    this._views().captions.played(position, this.now_s());
    if (position > this._reported) this._link.send({ type: "played", position });
    this._reported = Math.max(this._reported, position);
    tell("played", { position, rms });
  }

  /**
   * @param {number} position
   * @param {number} silent_at_ms
   */
  _stopped(position, silent_at_ms) {
    this._link.send({ type: "stopped", position });
    const now_s = this.now_s();
    const sounded = this._playing_until_s > now_s;
    if (sounded) {
      this._views().history.cut(now_s);
      this._playing_until_s = now_s;
    }
    this._views().captions.stopped(position, now_s, sounded);
    tell("stopped", { position, silent_at_ms: performance.timeOrigin + silent_at_ms });
  }
}

/** @param {Int16Array} samples  @returns {number} of full scale */
function rms(samples) {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return Math.sqrt(power) / 32768;
}

/**
 * For whoever looks on from outside, tests above all: `hocket:captured`, `hocket:played`,
 * `hocket:stopped`.
 * @param {string} what
 * @param {object} detail
 */
function tell(what, detail) {
  window.dispatchEvent(new CustomEvent(`hocket:${what}`, { detail }));
}
