"""The plan: text that was chosen and not voiced yet, the phrases made of it, and where the voice is.

Law: text leaves the plan only by being sent or dropped, and a word whose sound was cut before the user
heard all of it comes back whole when the voice resumes. Positions are absolute samples of the sent
stream; offsets are samples inside a phrase.
"""

from collections import deque
from dataclasses import dataclass

from hocket.engine.phrasing import take_phrase
from hocket.engine.port import Phrase
from hocket.engine.stages import PhraseText


@dataclass(frozen=True, slots=True, kw_only=True)
class SentWord:
    """A word whose sound is complete with a piece, in samples of that piece."""

    text: str
    start: int  # negative when it began in an earlier piece
    end: int


@dataclass(frozen=True, slots=True)
class _Sent:
    phrase: Phrase
    start: int
    stop: int
    position: int


class Plan:
    """Text in, phrases to prepare and pieces to render out."""

    def __init__(self, *, seed: int) -> None:
        self._seed = seed
        self._preparing: tuple[str, str] | None = None  # phrase asked for, and the text behind it
        self._fresh = False  # text came in this tick
        self._made = 0  # phrases made so far: each gets a seed of its own
        self._text = ""
        self._ended = False
        self._ready: deque[Phrase] = deque()
        self._offset = 0
        self._sent: deque[_Sent] = deque()
        self.rate = 1.0
        self.level_db = 0.0

    # -- text ---------------------------------------------------------------------------------

    def append(self, text: str, *, ended: bool) -> None:
        """Add text at the end; ``ended`` says that it is complete."""
        self._text += text
        self._fresh = bool(text)
        self._ended = ended

    def drop(self) -> None:
        """Forget all that was not sent."""
        self._text, self._ended, self._offset, self._preparing = "", False, 0, None
        self._ready.clear()
        self._sent.clear()

    def pace(self, rate: float) -> None:
        """How fast from now on: phrases that were prepared and not begun are prepared anew."""
        if rate == self.rate:
            return
        self.rate = rate
        begun = 1 if self._offset else 0
        anew = [self._ready.pop().text for _ in range(len(self._ready) - begun)]
        if anew:
            self._text = f"{' '.join(reversed(anew))} {self._text.lstrip()}"

    @property
    def text(self) -> str:
        """What is not voiced yet, from the next word on."""
        words = [
            word.text
            for index, phrase in enumerate(self._ready)
            for word in phrase.words
            if index or word.end > self._offset
        ]
        return " ".join([*words, *self._text.split()])

    @property
    def complete(self) -> bool:
        """Whether the text is known to be all there is."""
        return self._ended

    @property
    def empty(self) -> bool:
        """Whether nothing is left to voice."""
        return not self._ready and not self._text.strip()

    # -- to the voice -------------------------------------------------------------------------

    def to_prepare(self, *, sounding: bool, ahead_samples: int) -> tuple[PhraseText, ...]:
        """The phrase to prepare in this tick: the next one when the voice will soon need it.

        In silence only the first phrase is prepared (a draft may be thrown away), and only in a tick
        that brought no text, for writing and preparing together are the longest ticks of all. While
        sounding one phrase a tick keeps ``ahead_samples`` ready.
        """
        fresh, self._fresh = self._fresh, False
        if fresh and not sounding:
            return ()
        prepared = sum(phrase.n_samples for phrase in self._ready) - self._offset
        if prepared >= (ahead_samples if sounding else 1):
            return ()
        self._preparing = self._next_phrase(starving=sounding and not self._ready)
        if self._preparing is None:
            return ()
        text, seed = self._preparing[0], self._seed + self._made
        return (PhraseText(text=text, seed=seed, rate=self.rate, level_db=self.level_db),)

    def prepared(self, phrase: Phrase) -> None:
        """The phrase asked for is ready: its text moves from the running text to the queue."""
        if self._preparing is None or self._preparing[0] != phrase.text:
            return  # dropped meanwhile
        self._text, self._preparing = self._preparing[1], None
        self._made += 1
        self._ready.append(phrase)

    @property
    def queue(self) -> tuple[tuple[Phrase, ...], int]:
        """Phrases ready to render, and the offset into the first."""
        return tuple(self._ready), self._offset

    @property
    def into_word(self) -> int:
        """Samples that went out of a word whose end did not; 0 between words."""
        words = self._ready[0].words if self._ready else ()
        return next((self._offset - w.start for w in words if w.start < self._offset < w.end), 0)

    def sent(self, n_samples: int, *, position: int) -> tuple[SentWord, ...]:
        """``n_samples`` went out at ``position``: move on; returns the words that end in them."""
        words: list[SentWord] = []
        done = 0
        while self._ready and (done < n_samples or self._finished_head()):
            phrase = self._ready[0]
            stop = min(phrase.n_samples, self._offset + n_samples - done)
            shift = done - self._offset
            words += [
                SentWord(text=w.text, start=w.start + shift, end=w.end + shift)
                for w in phrase.words
                if self._offset < w.end <= stop or (self._offset == 0 == w.end)
            ]
            self._sent.append(_Sent(phrase, self._offset, stop, position + done))
            done += stop - self._offset
            self._offset = stop
            if self._finished_head():
                self._ready.popleft()
                self._offset = 0
        return tuple(words)

    # -- playback truth -----------------------------------------------------------------------

    def played(self, position: int) -> None:
        """Forget phrases that the user has wholly heard."""
        while self._sent and self._end_of_phrase_known(self._sent[0].phrase, position):
            self._sent.popleft()

    def rewind(self, position: int) -> None:
        """The user heard up to ``position``: the first word not wholly heard is the next to voice."""
        cut: list[tuple[Phrase, int]] = []
        for piece in self._sent:
            heard_to = piece.start + position - piece.position
            if heard_to < piece.stop:
                cut.append((piece.phrase, max(heard_to, 0)))
        self._sent.clear()
        if not cut:
            return
        phrase, heard_to = cut[0]
        again = [p for i, (p, _) in enumerate(cut) if i == 0 or p is not cut[i - 1][0]]
        if self._ready and again[-1] is self._ready[0]:
            again.pop()
        self._ready.extendleft(reversed(again))
        self._offset = next((w.start for w in phrase.words if w.end > heard_to), phrase.n_samples)
        if self._finished_head():
            self._ready.popleft()
            self._offset = 0

    def _finished_head(self) -> bool:
        return bool(self._ready) and self._offset >= self._ready[0].n_samples

    def _end_of_phrase_known(self, phrase: Phrase, position: int) -> bool:
        last = [p for p in self._sent if p.phrase is phrase][-1]
        return last.stop >= phrase.n_samples and last.position + last.stop - last.start <= position

    def _next_phrase(self, *, starving: bool) -> tuple[str, str] | None:
        """The next phrase and the text behind it. A starving voice takes whatever words are whole."""
        phrase, rest = take_phrase(self._text, more=not self._ended)
        if not phrase and starving:
            end = self._text.rfind(" ") + 1
            phrase, rest = take_phrase(self._text[:end])
            rest = " ".join([*([rest.strip()] if rest.strip() else []), self._text[end:]])
        return (phrase, rest) if phrase else None
