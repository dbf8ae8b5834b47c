/**
 * What both sides said, as text.
 *
 * Law: the user's words stand when they are agreed and are light while they are open; a word of ours
 * appears when it is played and is struck when it was cut before its end. Whole sentences go to a region
 * that screen readers follow; single words would be noise.
 */

/** @typedef {import("./score-history.js").AgentWord} AgentWord */
/** @typedef {"you" | "hocket"} Side */
/** @typedef {{side: Side, element: HTMLElement, text: HTMLElement, began_s: number}} Entry */
/** @typedef {{word: AgentWord, start: number, element: HTMLElement}} Shown */

const MOST_ENTRIES = 200;
const BREATH_S = 0.6; // between two words of one utterance of ours
const OVERLAP_S = 3; // our utterance goes on above words that the user put in, for so long
const LATE_S = 1.2; // words agreed this long after we began to speak belong to the user's turn before it
const SENTENCE_END = /[.!?…]["”’)]*$/;
const NEAR_PX = 48; // who has scrolled up reads, and is not pulled down

export class Captions {
  /** @type {Entry | null} */
  _last = null;
  /** @type {Record<Side, Entry | null>} */
  _latest = { you: null, hocket: null };
  /** @type {Shown[]} */
  _coming = [];
  /** @type {Record<Side, string[]>} */
  _unspoken = { you: [], hocket: [] };
  _tentative = span("tentative", "");
  _cut = false;
  _said_s = -Infinity; // end of our last word

  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} spoken  the region for screen readers
   */
  constructor(list, spoken) {
    this._list = list;
    this._spoken = spoken;
  }

  clear() {
    this._list.replaceChildren();
    this._spoken.replaceChildren();
    this._last = null;
    this._latest = { you: null, hocket: null };
    this._coming = [];
    this._tentative = span("tentative", "");
    this._unspoken = { you: [], hocket: [] };
    this._cut = false;
    this._said_s = -Infinity;
  }

  /**
   * What the user said by the end of a tick.
   * @param {string[]} heard
   * @param {string[]} tentative
   * @param {number} t
   */
  heard(heard, tentative, t) {
    if (!heard.length && !tentative.length && !this._tentative.textContent) return;
    if (heard.length || tentative.length) {
      const entry = this._user(t);
      for (const word of heard) entry.text.append(span("word", `${word} `));
      entry.text.append(this._tentative);
    }
    this._unspoken.you.push(...heard);
    this._tentative.textContent = tentative.join(" ");
    this._follow();
  }

  /**
   * A line that was typed and sent.
   * @param {string} text
   * @param {number} t
   */
  typed(text, t) {
    const entry = this._begin("you", t);
    entry.element.classList.add("typed");
    entry.text.append(span("word", text));
    this._last = null; // the next word begins anew
    this._latest.you = null;
    this._follow();
  }

  /**
   * Words of ours that are on their way.
   * @param {AgentWord[]} words
   * @param {number[]} starts  positions of their first samples
   */
  coming(words, starts) {
    words.forEach((word, i) => {
      this._coming.push({ word, start: starts[i], element: span("word coming", `${word.text} `) });
    });
  }

  /**
   * Our stream was played up to here.
   * @param {number} position
   * @param {number} t
   */
  played(position, t) {
    for (const shown of this._coming) {
      if (shown.start < position) this._reveal(shown, t);
      if (shown.word.end <= position) this._finish(shown);
    }
    this._coming = this._coming.filter(({ word }) => word.state !== "heard");
  }

  /**
   * The sound stopped here; what lies behind it was not heard.
   * @param {number} position
   * @param {number} t
   * @param {boolean} sounded  it was cut off in the middle
   */
  stopped(position, t, sounded) {
    this.played(position, t);
    for (const { word, element } of this._coming) {
      word.state = "cut";
      element.className = "word cut";
      element.title = "not heard";
      (this._latest.hocket ?? this._agent(word, t)).text.append(element);
    }
    if (sounded || this._coming.length) this._break();
    this._coming = [];
    this._speak("hocket");
    this._follow();
  }

  /**
   * A line that neither side said.
   * @param {string} text
   */
  note(text) {
    const item = document.createElement("li");
    item.className = "note";
    item.textContent = text;
    this._list.append(item);
    this._last = null;
    this._latest = { you: null, hocket: null };
    this._said_s = -Infinity;
    this._follow();
  }

  /**
   * @param {Shown} shown
   * @param {number} t
   */
  _reveal(shown, t) {
    const { word, element } = shown;
    if (word.state === "sent") {
      word.state = "sounding";
      element.className = "word sounding";
      this._agent(word, t).text.append(element);
      this._said_s = word.end_s;
      this._follow();
    }
  }

  /** A caesura where we were cut in the middle of something. */
  _break() {
    const entry = this._latest.hocket;
    if (!entry || this._cut) return;
    const mark = span("caesura", "//");
    mark.title = "interrupted here";
    entry.text.append(mark);
    this._cut = true;
  }

  /** @param {Shown} shown */
  _finish({ word, element }) {
    word.state = "heard";
    element.className = "word";
    this._unspoken.hocket.push(word.text);
    if (SENTENCE_END.test(word.text)) this._speak("hocket");
  }

  /** @param {number} t */
  _user(t) {
    const [you, hocket] = [this._latest.you, this._latest.hocket];
    if (you && (this._last === you || (hocket && t - hocket.began_s < LATE_S))) return you;
    return this._begin("you", t);
  }

  /**
   * @param {AgentWord} word
   * @param {number} t
   */
  _agent(word, t) {
    const [you, hocket] = [this._latest.you, this._latest.hocket];
    const goesOn = word.start_s - this._said_s < BREATH_S;
    const inserted = this._last === you && (!goesOn || t - (you?.began_s ?? 0) > OVERLAP_S);
    if (hocket && !inserted && !this._cut) return hocket;
    this._cut = false;
    this._speak("you");
    return this._begin("hocket", t);
  }

  /**
   * @param {Side} side
   * @param {number} t
   * @returns {Entry}
   */
  _begin(side, t) {
    const element = document.createElement("li");
    element.className = side;
    const text = document.createElement("p");
    element.append(span("who", side === "you" ? "You" : "Hocket"), text);
    this._list.append(element);
    while (this._list.children.length > MOST_ENTRIES) this._list.firstElementChild?.remove();
    const entry = { side, element, text, began_s: t };
    this._last = this._latest[side] = entry;
    return entry;
  }

  /** @param {Side} side */
  _speak(side) {
    const words = this._unspoken[side];
    if (!words.length) return;
    const line = document.createElement("p");
    line.textContent = `${side === "you" ? "You" : "Hocket"}: ${words.join(" ")}`;
    this._unspoken[side] = [];
    this._spoken.append(line);
    while (this._spoken.children.length > 20) this._spoken.firstElementChild?.remove();
  }

  _follow() {
    const list = this._list;
    const hidden = list.scrollHeight - list.scrollTop - list.clientHeight;
    const last = /** @type {HTMLElement | null} */ (list.lastElementChild);
    if (hidden < NEAR_PX + (last?.offsetHeight ?? 0)) list.scrollTop = list.scrollHeight;
  }
}

/**
 * @param {string} className
 * @param {string} text
 */
function span(className, text) {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}
