/**
 * The socket to the server: opened, lost, tried again a bounded number of times.
 *
 * Law: it tries again by itself only after a loss, never after a refusal or an end; what cannot be sent
 * at once is control or it is dropped: sound that waits longer than two seconds would only be late.
 */
import { readMessage, readSound } from "./wire.js";

/** @typedef {import("./wire.js").ToServer} ToServer */
/** @typedef {import("./wire.js").FromServer} FromServer */

/**
 * @typedef {"closed" | "connecting" | "open" | "waiting" | "gone" | "refused" | "ended"} LinkState
 *   `waiting`: lost, will be tried again; `gone`: given up
 * @typedef {{state: LinkState, why: string, code: string, try: number, tries: number, in_s: number}} Link
 *
 * @typedef {object} ConnectionEvents
 * @property {() => ToServer} hello  the first message of every session
 * @property {(link: Link) => void} link
 * @property {(message: FromServer) => void} message
 * @property {(sound: import("./wire.js").Sound) => void} sound
 */

/** Waits before each new try: a server that restarts loads its models in 3-10 s. */
const RETRY_S = [0.5, 1, 2, 4, 8, 8];
const WAITS_MOST_BYTES = 2 * 16_000 * 2; // two seconds of sound
const OPENS_WITHIN_MS = 20_000;
const PASSED_OVER = new Set(["bad_message"]); // errors after which the session goes on

export class Connection {
  /**
   * @param {string} url
   * @param {ConnectionEvents} events
   * @param {number[]} [retry_s]
   */
  constructor(url, events, retry_s = RETRY_S) {
    this._url = url;
    this._events = events;
    this._retry_s = retry_s;
    /** @type {WebSocket | null} */
    this._socket = null;
    this._tries = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this._timer = undefined;
    this.dropped_frames = 0;
    /** @type {Link} */
    this.link = { state: "closed", why: "", code: "", try: 0, tries: retry_s.length, in_s: 0 };
  }

  /** Begin, or begin again. */
  open() {
    this._tries = 0;
    this._connect();
  }

  /** The person ended it. */
  close() {
    this._let();
    this._say("closed");
  }

  /** @param {ToServer} message */
  send(message) {
    if (this.link.state === "open") this._socket?.send(JSON.stringify(message));
  }

  /** @param {ArrayBuffer} frame */
  sendSound(frame) {
    const socket = this._socket;
    if (!socket || this.link.state !== "open") return;
    if (socket.bufferedAmount > WAITS_MOST_BYTES) this.dropped_frames += 1;
    else socket.send(frame);
  }

  _connect() {
    this._let();
    this._say("connecting");
    const socket = new WebSocket(this._url);
    socket.binaryType = "arraybuffer";
    this._socket = socket;
    this._timer = setTimeout(() => socket.close(), OPENS_WITHIN_MS);
    socket.onopen = () => socket.send(JSON.stringify(this._events.hello()));
    socket.onmessage = ({ data }) => {
      if (this._socket === socket) this._take(data);
    };
    socket.onclose = ({ reason }) => {
      if (this._socket === socket) this._lost(reason);
    };
  }

  /** @param {string | ArrayBuffer} data */
  _take(data) {
    if (typeof data !== "string") {
      this._events.sound(readSound(data));
      return;
    }
    const message = readMessage(data);
    if (!message) return;
    if (message.type === "ready") {
      clearTimeout(this._timer);
      this._tries = 0;
      this._say("open");
    } else if (message.type === "error" && !PASSED_OVER.has(message.code)) {
      this._refused(message.code, message.message);
    } else if (message.type === "ended") {
      this._let();
      this._say("ended");
    }
    this._events.message(message);
  }

  /**
   * @param {string} code
   * @param {string} why
   */
  _refused(code, why) {
    this._let();
    this._say("refused", { why, code });
  }

  /** @param {string} why */
  _lost(why) {
    this._let();
    const in_s = this._retry_s[this._tries];
    if (in_s === undefined) {
      this._say("gone", { why });
      return;
    }
    this._tries += 1;
    this._say("waiting", { why, in_s });
    this._timer = setTimeout(() => this._connect(), in_s * 1000);
  }

  /** Let go of the socket, if any, without a word. */
  _let() {
    clearTimeout(this._timer);
    const socket = this._socket;
    this._socket = null;
    if (socket && socket.readyState <= WebSocket.OPEN) socket.close(1000);
  }

  /**
   * @param {LinkState} state
   * @param {Partial<Link>} [more]
   */
  _say(state, more = {}) {
    const tries = this._retry_s.length;
    this.link = { state, why: "", code: "", try: this._tries, tries, in_s: 0, ...more };
    this._events.link(this.link);
  }
}
