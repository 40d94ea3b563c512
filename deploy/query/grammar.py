"""A question in words -> what is asked. Pure; the grammar is in deploy/docs/query.md."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NoReturn

from deploy.query.spans import COUNT_MAX, DATE_MAX, DATE_MIN, Fixed, Recent, Span, month
from deploy.query.vocabulary import (
    GOAL,
    METRIC_WORDS,
    PROP_NAME_BYTES_MAX,
    PROP_NAME_WITHOUT,
    PROP_PREFIXES,
    PROP_WORDS,
    PROPERTY_WORDS,
    REVENUES,
    STEPS,
)
from deploy.query.words import NotUnderstood, Word, meant, split

TOP_MAX: Final = 1_000
NAME_WORDS_MAX: Final = 3  # of a metric or property: "time on page"
UNITS: Final = {
    **dict.fromkeys(("h", "hour", "hours"), "hour"),
    **dict.fromkeys(("d", "day", "days"), "day"),
    **dict.fromkeys(("w", "week", "weeks"), "week"),
    **dict.fromkeys(("mo", "m", "month", "months"), "month"),
    **dict.fromkeys(("y", "year", "years"), "year"),
}
KEYWORDS: Final = (
    "by", "where", "per", "top", "vs", "today", "yesterday", "last", "this", "since",
)  # fmt: skip
_FILLERS: Final = ("show", "the", "for", "in", "on", "of", "from", "during", "and", ",")
_AGAINST: Final = ("vs", "vs.", "versus", "against", "compared")
_STEP_WORDS: Final = {
    "minutely": "minute",
    "hourly": "hour",
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
}
_COUNTED: Final = re.compile(r"(\d{1,5})([a-z]*)", re.ASCII)
_DATE: Final = re.compile(r"\d{4}(-\d{1,2}(-\d{1,2})?)?", re.ASCII)
# Words of a condition -> (negated, what stands before and after the value).
_OPERATORS: Final[dict[tuple[str, ...], tuple[bool, str, str]]] = {
    ("does", "not", "contain"): (True, "*", "*"),
    ("doesn't", "contain"): (True, "*", "*"),
    ("is", "not"): (True, "", ""),
    ("starts", "with"): (False, "", "*"),
    ("ends", "with"): (False, "*", ""),
    ("contains",): (False, "*", "*"),
    ("isn't",): (True, "", ""),
    ("is",): (False, "", ""),
    ("=",): (False, "", ""),
    ("==",): (False, "", ""),
    ("!=",): (True, "", ""),
}
_JOINED: Final = re.compile(r"([\w:.-]+)(==|!=|=)(.*)", re.DOTALL)
_CURRENCY: Final = re.compile(r"[a-z]{3}", re.ASCII)  # ISO 4217


@dataclass(frozen=True, slots=True)
class Condition:
    """As the API's filters: `*` stands for any characters unless a backslash stands before it."""

    name: str
    negated: bool
    values: tuple[str, ...]


@dataclass(slots=True)
class Asked:
    """What a question asks for; without a step and properties, for totals."""

    metrics: list[str] = field(default_factory=list)
    by: list[str] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    span: Span | None = None
    step: str = ""
    top: int | None = None
    compares: bool = False
    currency: str = ""  # ISO 4217, of revenue


def parse(question: str) -> Asked:
    """Raises `NotUnderstood`."""
    return _Parser(question).run()


class _Parser:
    """Takes the words one after the other; each clause may come once, in any order."""

    def __init__(self, question: str) -> None:
        self.question = question
        self.words = split(question)
        self.asked = Asked()
        self.currency: Word | None = None

    def run(self) -> Asked:
        if not self.words:
            message = 'Ask for something, as in "visitors by source last 7d".'
            raise NotUnderstood(self.question, 0, 1, message)
        while self.words:
            self._clause(self.words[0])
        self.asked.metrics = self.asked.metrics or ["visitors"]
        if self.currency is not None and not set(REVENUES) & set(self.asked.metrics):
            self._fail(self.currency, "A currency is of revenue, as in: revenue in EUR")
        return self.asked

    def _clause(self, word: Word) -> None:
        plain = word.plain
        if plain == "by":
            self._by()
        elif plain in ("where", "with"):
            self._where()
        elif plain in ("per", "every") or plain in _STEP_WORDS:
            self._step()
        elif plain == "top":
            self._once(word, self.asked.top is None)
            self.words.pop(0)
            self.asked.top = self._number("top", TOP_MAX)
        elif plain in _AGAINST:
            self._against()
        elif plain == "in" and len(self.words) > 1 and _is_currency(self.words[1]):
            self._once(word, self.currency is None)
            self.currency = self.words[1]
            self.asked.currency = self.currency.text.upper()
            del self.words[:2]
        elif (span := self._span()) is not None:
            self._once(word, self.asked.span is None)
            self.asked.span = span
        elif (name := self._name(METRIC_WORDS)) is not None:
            self._add(word, name, self.asked.metrics)
        elif plain in _FILLERS:
            self.words.pop(0)
        else:
            hint = meant(word.text, (*KEYWORDS, *METRIC_WORDS))
            self._fail(word, f"{word.text[:40]!r} is no metric and begins no clause.{hint}")

    # ---- Clauses

    def _by(self) -> None:
        self.words.pop(0)
        while True:
            word = self._need("a property after 'by', as in: by source")
            if word.plain in STEPS and self._name(PROPERTY_WORDS, take=False) is None:
                self._set_step(word, word.plain)
                self.words.pop(0)
            else:
                self._add(word, self._property(), self.asked.by)
            if not self._separated():
                break
        if self.asked.by and self.asked.step:
            self._fail(word, "Either 'by' a property or 'per' a step of time, not both.")

    def _where(self) -> None:
        self.words.pop(0)
        self._condition()
        while len(self.words) > 1 and self.words[0].plain in ("and", ","):
            self.words.pop(0)
            self._condition()

    def _condition(self) -> None:
        word = self._need("a property after 'where', as in: where country is DE")
        joined = None if word.quoted else _JOINED.fullmatch(word.text)
        if joined and (joined[1].lower() in PROPERTY_WORDS or _prop_prefix(joined[1].lower())):
            parts = [(joined[1], 0), (joined[2], len(joined[1])), (joined[3], joined.start(3))]
            self.words[:1] = [
                Word(text, word.start + at, word.start + at + len(text))
                for text, at in parts
                if text
            ]
        name = self._property()
        operator = self.words[0] if self.words else word
        negated, before, after = self._operator(name)
        if name == GOAL and (before or after):
            self._fail(operator, "A goal goes by its whole name, as in: where goal is Purchase")
        values = [self._value(before, after)]
        while len(self.words) > 1 and self.words[0].plain in ("or", "|"):
            self.words.pop(0)
            values.append(self._value(before, after))
        self.asked.conditions.append(Condition(name, negated, tuple(values)))

    def _operator(self, name: str) -> tuple[bool, str, str]:
        word = self._need(f"'is', 'is not' or 'contains' after {name}")
        plains = tuple(each.plain for each in self.words[:3])
        for words, meaning in _OPERATORS.items():
            if plains[: len(words)] == words:
                del self.words[: len(words)]
                return meaning
        hint = meant(word.text, (" ".join(words) for words in _OPERATORS))
        return self._fail(word, f"Expected 'is', 'is not' or 'contains' here.{hint}")

    def _value(self, before: str, after: str) -> str:
        word = self._need("a value")
        self.words.pop(0)
        text = re.sub(r"([\\|;])", r"\\\1", word.text)
        text = text.replace("*", "\\*") if word.quoted else text
        return f"{before}{text}{after}"

    def _step(self) -> None:
        word = self.words.pop(0)
        if word.plain in _STEP_WORDS:
            self._set_step(word, _STEP_WORDS[word.plain])
            return
        word = self._need("a step after 'per': minute, hour, day, week or month")
        if word.plain not in STEPS:
            hint = meant(word.text, STEPS)
            self._fail(word, f"A step is {', '.join(STEPS)}, not {word.text[:40]!r}.{hint}")
        self._set_step(word, word.plain)
        self.words.pop(0)

    def _set_step(self, word: Word, step: str) -> None:
        self._once(word, not self.asked.step)
        self.asked.step = step
        if self.asked.by:
            self._fail(word, "Either 'by' a property or 'per' a step of time, not both.")

    def _against(self) -> None:
        self._once(self.words[0], not self.asked.compares)
        self.words.pop(0)
        while self.words and self.words[0].plain in ("with", "to", "the"):
            self.words.pop(0)
        word = self._need("'previous' after 'vs'")
        if word.plain not in ("previous", "before", "prev"):
            self._fail(word, "Only the time directly before can be compared with: vs previous.")
        self.words.pop(0)
        if self.words and self.words[0].plain in ("period", "time"):
            self.words.pop(0)
        self.asked.compares = True

    # ---- Periods

    def _span(self) -> Span | None:
        """The period that begins here; None if none does."""
        word = self.words[0]
        if word.plain in ("today", "yesterday"):
            self.words.pop(0)
            return Recent("day", ago=int(word.plain == "yesterday"))
        if word.plain in ("last", "past", "this"):
            self.words.pop(0)
            return self._recent(word.plain == "this")
        if word.plain == "since":
            self.words.pop(0)
            return Fixed(self._date(self._need("a date after 'since'")).first)
        if not word.quoted and word.text[:4].isdecimal():
            return self._fixed(word)
        return None

    def _recent(self, is_running: bool) -> Recent:
        word = self._need("a time, as in: last 7 days")
        counted = _COUNTED.fullmatch(word.plain)
        if counted is None or is_running:
            unit = UNITS.get(word.plain)
            if unit is None or unit == "hour" or len(word.plain) < 3:
                hint = meant(word.text, ("7 days", "week", "month", "year"))
                self._fail(word, f"Expected a time, as in 'last 7 days' or 'this month'.{hint}")
            self.words.pop(0)
            if unit == "day":
                return Recent("day", ago=int(not is_running))
            return Recent(unit, ago=int(not is_running), is_whole=True)
        self.words.pop(0)
        name = counted[2]
        last = word
        if not name:
            last = self._need("days, weeks or months")
            name = last.plain
        if name not in UNITS:
            self._fail(last, f"A time is counted in {', '.join(COUNT_MAX)}s.{meant(name, UNITS)}")
        if last is not word:
            self.words.pop(0)
        unit, count = UNITS[name], int(counted[1])
        if not 1 <= count <= COUNT_MAX[unit]:
            self._fail(word, f"From 1 to {COUNT_MAX[unit]} {unit}s.")
        return Recent(unit, count)

    def _fixed(self, word: Word) -> Fixed:
        first_text, dots, last_text = word.text.partition("..")
        if dots:
            first = self._date(Word(first_text, word.start, word.start + len(first_text)), word)
            last = self._date(Word(last_text, word.end - len(last_text), word.end), word)
        else:
            first = last = self._date(word)
            if len(self.words) > 1 and self.words[0].plain in ("to", "until"):
                self.words.pop(0)
                last = self._date(self.words[0])
        if last.last is None or last.last < first.first:
            self._fail(word, "It ends before it begins.")
        return Fixed(first.first, last.last)

    def _date(self, part: Word, taken: Word | None = None) -> Fixed:
        """A day, month or year. `taken` is the word that `part` is a part of."""
        whole = taken or part
        if self.words and self.words[0] == whole:
            self.words.pop(0)
        try:
            if _DATE.fullmatch(part.text) is None:
                raise ValueError
            numbers = [int(each) for each in part.text.split("-")]
            if len(numbers) == 1:
                found = Fixed(dt.date(numbers[0], 1, 1), dt.date(numbers[0], 12, 31))
            elif len(numbers) == 2:
                found = month(*numbers)
            else:
                day = dt.date(*numbers)
                found = Fixed(day, day)
        except (ValueError, OverflowError):
            self._fail(part, "Expected a date, as in 2026-11-01 or 2026-11-01..2026-11-07.")
        if not DATE_MIN <= found.first <= DATE_MAX:
            self._fail(part, f"Dates are from {DATE_MIN} to {DATE_MAX}.")
        return found

    # ---- Words

    def _name(self, known: Mapping[str, str], take: bool = True) -> str | None:
        """The name that the next words make, the longest of them."""
        for count in range(min(NAME_WORDS_MAX, len(self.words)), 0, -1):
            plains = [each.plain for each in self.words[:count]]
            name = known.get(" ".join(plains)) if all(plains) else None
            if name is not None:
                if take:
                    del self.words[:count]
                return name
        return None

    def _property(self) -> str:
        word = self.words[0]
        name = self._name(PROPERTY_WORDS) or self._prop(word)
        if name is None:
            own = f"one of your events' own is said with prop, as in prop:{word.text[:40]}"
            some = f" Some are page, source, country, device; {own}."
            hint = meant(word.text, PROPERTY_WORDS) or some
            self._fail(word, f"There is no property {word.text[:40]!r}.{hint}")
        return name

    def _prop(self, word: Word) -> str | None:
        """A property of events: prop:plan, or prop "pricing plan"; None where none is named."""
        prefix = _prop_prefix(word.plain)
        if prefix:
            name = word.text[len(prefix) :]
        elif word.plain in PROP_WORDS:
            self.words.pop(0)
            word = self._need("the name of a property, as in: prop plan")
            name = word.text
        else:
            return None
        if name[:1] in ("", '"', "'") and not word.quoted:
            self._fail(word, 'Which property? As in: prop:plan or prop "pricing plan"')
        bad = sorted(PROP_NAME_WITHOUT & set(name))
        if bad or not name.strip() or len(name.encode(errors="replace")) > PROP_NAME_BYTES_MAX:
            why = f"has no {' '.join(bad)}" if bad else f"has 1 to {PROP_NAME_BYTES_MAX} bytes"
            self._fail(word, f"A property that can be asked for here {why}.")
        self.words.pop(0)
        return f"{PROP_PREFIXES[0]}{name}"

    def _separated(self) -> bool:
        """Whether another name follows, after a comma or 'and'."""
        if len(self.words) > 1 and self.words[0].plain in (",", "and"):
            self.words.pop(0)
            return True
        return False

    def _number(self, what: str, most: int) -> int:
        word = self._need(f"a number after {what!r}")
        counted = _COUNTED.fullmatch(word.plain)
        if counted is None or counted[2] or not 1 <= int(counted[1]) <= most:
            self._fail(word, f"Expected a number from 1 to {most} after {what!r}.")
        self.words.pop(0)
        return int(counted[1])

    def _add(self, word: Word, name: str, names: list[str]) -> None:
        if name in names:
            self._fail(word, f"{name} is asked for twice.")
        names.append(name)

    def _once(self, word: Word, is_first: bool) -> None:
        if not is_first:
            self._fail(word, "There is one of these already.")

    def _need(self, what: str) -> Word:
        if not self.words:
            end = len(self.question)
            raise NotUnderstood(self.question, end, end + 1, f"Expected {what}.")
        return self.words[0]

    def _fail(self, word: Word, message: str) -> NoReturn:
        raise NotUnderstood(self.question, word.start, word.end, message)


def _prop_prefix(plain: str) -> str:
    """What says that a word names a property of events; "" if nothing does."""
    return next((prefix for prefix in PROP_PREFIXES if plain.startswith(prefix)), "")


def _is_currency(word: Word) -> bool:
    """Whether it may be a code: no word of the language itself, as in "in the last 7 days"."""
    known = (*KEYWORDS, *_FILLERS, *METRIC_WORDS)
    return _CURRENCY.fullmatch(word.plain) is not None and word.plain not in known
