/**
 * What the person can do: begin and end, microphone, mute, stop, mode, and type.
 *
 * Law: a control shows the state that it was told, and says what the person did; it decides nothing.
 */
import { keystrokes } from "./typing.js";

/** @typedef {import("./wire.js").Mode} Mode */

/**
 * @typedef {object} Wishes
 * @property {(options: {silent: boolean}) => void} begin
 * @property {() => void} end
 * @property {(muted: boolean) => void} microphone
 * @property {(muted: boolean) => void} mute
 * @property {() => void} stop
 * @property {(mode: Mode) => void} mode
 * @property {(strokes: string) => void} typed
 * @property {() => void} retry
 */

/** @param {string} id */
const button = (id) => /** @type {HTMLButtonElement} */ (document.getElementById(id));

export class Controls {
  /** @param {Wishes} wishes */
  constructor(wishes) {
    this._wishes = wishes;
    this._microphone = button("microphone");
    this._mute = button("mute");
    this._stop = button("stop");
    this._end = button("end");
    this._text = /** @type {HTMLInputElement} */ (document.getElementById("text"));
    this._modes = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("[name=mode]"));
    this._typed = "";
    this._listen();
  }

  /** @returns {Mode} */
  get mode() {
    const chosen = [...this._modes].find((input) => input.checked);
    return /** @type {Mode} */ (chosen?.value ?? "responsive");
  }

  set mode(mode) {
    for (const input of this._modes) input.checked = input.value === mode;
  }

  /** @param {boolean} on */
  set live(on) {
    for (const control of [this._mute, this._stop, this._end, this._text]) control.disabled = !on;
    this._text.placeholder = on ? "Type; every keystroke is heard" : "Type here once it has begun";
    if (!on) this._text.value = this._typed = "";
  }

  /** @param {boolean} on */
  set hasMicrophone(on) {
    this._microphone.disabled = !on;
    if (!on) press(this._microphone, false, "No microphone");
    else this.microphoneMuted = false;
  }

  /** @param {boolean} on */
  set microphoneMuted(on) {
    press(this._microphone, on, on ? "Microphone is off" : "Microphone");
  }

  /** @param {boolean} on */
  set muted(on) {
    press(this._mute, on, on ? "Hocket is muted" : "Mute Hocket");
  }

  focusText() {
    this._text.focus();
  }

  _listen() {
    const wishes = this._wishes;
    button("begin").onclick = () => wishes.begin({ silent: false });
    button("begin-silent").onclick = () => wishes.begin({ silent: true });
    button("retry").onclick = () => wishes.retry();
    this._end.onclick = () => wishes.end();
    this._microphone.onclick = () => wishes.microphone(!pressed(this._microphone));
    this._mute.onclick = () => wishes.mute(!pressed(this._mute));
    this._stop.onclick = () => wishes.stop();
    for (const input of this._modes) input.onchange = () => wishes.mode(this.mode);
    this._text.oninput = () => this._type();
    this._text.onkeydown = (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      this._enter();
    };
    document.addEventListener("keydown", (event) => this._shortcut(event));
  }

  _type() {
    const strokes = keystrokes(this._typed, this._text.value);
    this._typed = this._text.value;
    if (strokes) this._wishes.typed(strokes);
  }

  _enter() {
    if (!this._text.value.trim()) return;
    this._wishes.typed("\n");
    this._text.value = this._typed = "";
  }

  /** @param {KeyboardEvent} event */
  _shortcut(event) {
    if (event.key === "Escape" && !this._stop.disabled) this._wishes.stop();
    const inField = event.target instanceof HTMLInputElement;
    if (inField || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "m" && !this._microphone.disabled) this._microphone.click();
  }
}

/**
 * @param {HTMLButtonElement} control
 * @param {boolean} on
 * @param {string} label
 */
function press(control, on, label) {
  control.setAttribute("aria-pressed", String(on));
  const text = control.querySelector("span");
  if (text) text.textContent = label;
}

/** @param {HTMLButtonElement} control */
function pressed(control) {
  return control.getAttribute("aria-pressed") === "true";
}
