/** The page's composition root: makes the parts and joins them. */
import { Captions } from "./js/captions.js";
import { Controls } from "./js/controls.js";
import { Conversation } from "./js/conversation.js";
import { Figures } from "./js/figures.js";
import { FloorView } from "./js/floor-view.js";
import { ScoreHistory } from "./js/score-history.js";
import { ScoreView } from "./js/score-view.js";
import { Stage } from "./js/stage.js";

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const socket = new URL("v1/native", location.href);
socket.protocol = location.protocol === "https:" ? "wss:" : "ws:";

const conversation = new Conversation(socket.href, () => views);
const history = new ScoreHistory();
const canvas = /** @type {HTMLCanvasElement} */ (element("score"));

/** @type {import("./js/conversation.js").Views} */
const views = {
  history,
  score: new ScoreView(canvas, history, () => conversation.now_s()),
  captions: new Captions(element("captions"), element("spoken")),
  floor: new FloorView(element("floor")),
  figures: new Figures(element("figures")),
  stage: new Stage(),
  controls: new Controls({
    begin: (how) => void conversation.begin(how),
    end: () => void conversation.end(),
    microphone: (muted) => conversation.microphone(muted),
    mute: (on) => conversation.mute(on),
    stop: () => conversation.stop(),
    mode: (mode) => conversation.mode(mode),
    typed: (strokes) => conversation.typed(strokes),
    retry: () => conversation.retry(),
  }),
};

addEventListener("pointerdown", () => conversation.resume());
