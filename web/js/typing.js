/**
 * What was typed, as keystrokes: the difference between two states of the text box.
 *
 * Law: a text box whose old value is followed by the keystrokes has the new value. `\b` deletes the last
 * character (a Unicode code point, as the server counts); an edit in the middle deletes back to it and
 * types the tail again.
 */

/**
 * @param {string} before
 * @param {string} after
 * @returns {string}
 */
export function keystrokes(before, after) {
  const old = Array.from(before);
  const now = Array.from(after);
  let same = 0;
  while (same < old.length && same < now.length && old[same] === now[same]) same += 1;
  return "\b".repeat(old.length - same) + now.slice(same).join("");
}
