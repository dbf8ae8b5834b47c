/**
 * What the page says of its own state: the curtain over the score, the notice under it, the link's line.
 *
 * Law: every state names what happened and what the person can do about it.
 */

/** @typedef {import("./connection.js").Link} Link */
/** @typedef {import("./microphone.js").MicrophoneState} MicrophoneState */

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const SLOW_MS = 1500; // a session opens in less; longer means that models are being loaded

/** @type {Record<Exclude<MicrophoneState, "open">, string>} */
const NO_MICROPHONE = {
  denied: "The microphone is not allowed. You can type, and Hocket answers aloud.",
  absent: "No microphone was found. You can type, and Hocket answers aloud.",
  insecure: "This address may not use the microphone: open the page at localhost. You can type.",
};

/** @type {Record<string, string>} codes of docs/native.md */
const REFUSED = {
  overloaded: "Every seat is taken",
  idle: "Nobody was there",
  too_slow: "This page could not keep up",
  bad_messages: "The server did not understand this page",
  failed: "The session broke",
};

export class Stage {
  constructor() {
    this._title = element("curtain-title");
    this._text = element("curtain-text");
    this._slow = setTimeout(() => undefined);
  }

  asking() {
    this._state("connecting", "waiting for the microphone");
    this._curtain("May Hocket hear you?", "Your browser asks for the microphone. Sound goes to this server only.");
  }

  /** @param {Link} link */
  link(link) {
    clearTimeout(this._slow);
    const again = link.state === "waiting" || link.state === "gone" || link.state === "refused";
    const connecting = link.state === "connecting";
    element("begin").hidden = element("begin-silent").hidden = again || connecting;
    element("retry").hidden = !again;
    element("retry").textContent = link.state === "waiting" ? "Try now" : "Try again";
    this[link.state](link);
  }

  closed() {
    this._state("idle", "not connected");
    this._curtain("The conversation is over", "Begin another one whenever you like.");
  }

  connecting() {
    this._state("connecting", "connecting");
    this._curtain("Tuning up", "");
    this._slow = setTimeout(() => {
      this._curtain("Tuning up", "The models are getting ready; the first time takes some seconds.");
    }, SLOW_MS);
  }

  open() {
    this._state("live", "connected");
  }

  ended() {
    this._state("idle", "ended");
    this._curtain("The server ended the conversation", "It finished its sentence and closed.");
  }

  /** @param {Link} link */
  waiting(link) {
    this._state("waiting", `trying again, ${link.try} of ${link.tries}`);
    const wait = link.in_s < 1 ? "at once" : `in ${link.in_s} seconds`;
    this._curtain("The server is gone", `The conversation broke off. Trying again ${wait}.`);
  }

  gone() {
    this._state("gone", "no server");
    this._curtain("The server does not answer", "Start it with “make serve” or “hocket serve”, then try again.");
  }

  /** @param {Link} link */
  refused(link) {
    this._state("refused", "refused");
    this._curtain(REFUSED[link.code] ?? "The server refused", sentence(link.why));
  }

  /** @param {string} model */
  playing(model) {
    element("link").textContent = `connected to ${model}`;
  }

  /**
   * @param {MicrophoneState} state
   * @param {() => void} retry
   */
  microphone(state, retry) {
    if (state === "open") this.notice("");
    else this.notice(NO_MICROPHONE[state], state === "insecure" ? "" : "Ask again", retry);
  }

  /**
   * One line under the score; an empty text takes it away.
   * @param {string} text
   * @param {string} [action]
   * @param {() => void} [act]
   */
  notice(text, action = "", act) {
    const button = element("notice-action");
    element("notice").hidden = !text;
    element("notice-text").textContent = text;
    button.hidden = !action;
    button.textContent = action;
    button.onclick = act ?? null;
  }

  /**
   * @param {string} state
   * @param {string} line
   */
  _state(state, line) {
    document.body.dataset.state = state;
    element("link").textContent = line;
  }

  /**
   * @param {string} title
   * @param {string} text
   */
  _curtain(title, text) {
    this._title.textContent = title;
    this._text.textContent = text;
  }
}

/** @param {string} text */
function sentence(text) {
  return text ? `${text[0].toUpperCase()}${text.slice(1).replace(/\.?$/, ".")}` : "";
}
