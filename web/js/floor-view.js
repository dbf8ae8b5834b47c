/**
 * Who has the floor, and why: one line large, the permit's rule and reason, five probabilities.
 *
 * Law: it says what the score says; nothing is inferred but whether the user is speaking, from the
 * engine's own voice activity and the level, as the policy does.
 */
import { FLOORS } from "./score-types.js";

/** @typedef {import("./score-types.js").ScoreTick} ScoreTick */

const SPEAKS_P = 0.5; // session/user_side.py
const SPEAKS_DB = -55; // session/config.py
const LINGERS_S = 0.6; // a pause between two words is no change of hands

/** @type {Record<import("./score-types.js").Floor, string>} */
const MEANS = {
  listen: "listens",
  speak: "speaks",
  hold: "pauses and keeps its words",
  yield: "gives way",
  backchannel: "shows that it listens",
};

/** @typedef {"you" | "hocket" | "open" | "nobody"} Holder */

/** @type {Record<Holder, string>} */
const HEADLINES = {
  you: "You have the floor",
  hocket: "Hocket has the floor",
  open: "The floor is open",
  nobody: "No conversation",
};

/**
 * @param {ScoreTick} line
 * @returns {boolean}
 */
export function userSpeaks(line) {
  return line.ahead.user[0] >= SPEAKS_P && line.user.level_db >= SPEAKS_DB;
}

export class FloorView {
  /** @param {HTMLElement} root */
  constructor(root) {
    this._root = root;
    this._headline = part(root, "headline");
    this._doing = part(root, "doing");
    this._permit = part(root, "permit");
    this._reason = part(root, "reason");
    this._rule = part(root, "rule");
    this._bars = FLOORS.map((floor) => part(root, `p-${floor}`));
    this._spoke_s = -Infinity;
    this.clear();
  }

  clear() {
    this._spoke_s = -Infinity;
    this._show("nobody");
    this._root.dataset.floor = "none";
    this._doing.textContent = "Hocket has not joined yet.";
    this._permit.textContent = "";
    this._reason.textContent = "";
    this._rule.textContent = "";
    for (const bar of this._bars) fill(bar, 0);
  }

  /** @param {ScoreTick} line */
  tick(line) {
    if (userSpeaks(line)) this._spoke_s = line.t;
    const lingers = line.t - this._spoke_s < LINGERS_S;
    const holder = line.floor === "speak" ? "hocket" : lingers ? "you" : "open";
    this._show(holder);
    this._root.dataset.floor = line.floor;
    this._doing.textContent = `Hocket ${MEANS[line.floor]}.`;
    this._showPermit(line);
    line.p.forEach((p, i) => fill(this._bars[i], p));
  }

  /** @param {ScoreTick} line */
  _showPermit(line) {
    const may = line.permit.allowed;
    const speak = may.includes("speak");
    const hum = may.includes("backchannel");
    this._permit.dataset.may = speak ? "yes" : hum ? "partly" : "no";
    this._permit.textContent = speak ? "It may speak" : hum ? "It may only backchannel" : "It must be silent";
    this._reason.textContent = line.permit.reason;
    this._rule.textContent = line.permit.rule;
  }

  /** @param {Holder} holder */
  _show(holder) {
    if (this._root.dataset.holder === holder) return;
    this._root.dataset.holder = holder;
    this._headline.textContent = HEADLINES[holder];
  }
}

/**
 * @param {HTMLElement} bar
 * @param {number} p
 */
function fill(bar, p) {
  bar.style.setProperty("--p", p.toFixed(3));
  bar.setAttribute("aria-valuenow", String(Math.round(p * 100)));
}

/**
 * The element that a view fills in: `data-part` inside its root.
 * @param {HTMLElement} root
 * @param {string} name
 * @returns {HTMLElement}
 */
export function part(root, name) {
  const found = root.querySelector(`[data-part="${name}"]`);
  if (!(found instanceof HTMLElement)) throw new Error(`expected a part ${name} of the page, got none`);
  return found;
}
