/**
 * The score's lines, as the server writes them (docs/score.md); types only.
 *
 * @typedef {"listen" | "speak" | "hold" | "yield" | "backchannel"} Floor
 *
 * @typedef {object} ScoreWord
 * @property {string} word
 * @property {number} start_s
 * @property {number} end_s
 *
 * @typedef {object} ScoreEvent
 * @property {string} kind
 * @property {Record<string, any>} detail
 *
 * @typedef {object} ScoreTick
 * @property {number} tick
 * @property {number} t
 * @property {{level_db: number, levels_db: number[], heard: string[], tentative: string[],
 *   text: string}} user
 * @property {Floor} floor
 * @property {number[]} p
 * @property {ScoreWord[]} said
 * @property {string} plan
 * @property {{allowed: Floor[], rule: string, reason: string}} permit
 * @property {ScoreEvent[]} events
 * @property {{user: number[], agent: number[]}} ahead
 * @property {number} sent_samples
 * @property {number} played_samples
 * @property {{hear: number, think: number, voice: number}} compute_ms
 * @property {number[]} clock_s
 */

/** @type {readonly Floor[]} */
export const FLOORS = ["listen", "speak", "hold", "yield", "backchannel"];

export const TICK_S = 0.2;
