"""Which stories are told when there is no room for all: the model grades them, page by page, and the best fit in.

A story is graded beside those of its own and the neighbouring pages, in the order of their text. So the question about
a page that did not change is the same in the next run, and its answer is known.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from localdigest.engine.jobs import Job, JsonSchema, Message
from localdigest.prompts import fenced, one_line
from localdigest.text.partial_json import read_json
from localdigest.writers.generative_jobs import JobsOf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from localdigest.engine.jobs import Completion, Sampling
    from localdigest.prompts import Prompts
    from localdigest.records import Story

__all__ = ["GRADES_TOKENS", "choose_stories", "grade_prompt"]

_LEAST_GROUP, _MOST_GROUP = 8, 24  #: stories: few say little of each other, and in many a small model loses its way
_BEST = 5  #: grades are 1 to this
_MIDDLE = 3  #: of a story whose job failed
_GRADE_TOKENS = 10  #: a number, a grade and what stands between: most of it forced
GRADES_TOKENS = _GRADE_TOKENS * (_MOST_GROUP + 1)  #: room for the longest answer


def choose_stories(
    stories: Sequence[Story],
    lengths: Sequence[int],
    *,
    budget_tokens: int,
    group_tokens: int,
    topic: str,
    language: str,
    prompts: Prompts,
    sampling: Sampling,
    run: Callable[[Sequence[Job], Callable[[Job, str], bool]], Sequence[Completion]],
) -> list[Story]:
    """The stories in the order in which they are to be told: first those that fit, of the best grades, then the others.

    Within both they keep their order, and of equal grades the first fit.

    Args:
        stories: the most widely told first.
        lengths: of each when it is told, in tokens.
        budget_tokens: that there are for all.
        group_tokens: that there are for those that are graded together.
        topic: of the digest, or `""`.
        language: of the prompt.
        prompts: to ask with.
        sampling: of the answers.
        run: asks; it is told what makes an answer sound.
    """
    if sum(lengths) <= budget_tokens:
        return list(stories)
    groups = [part for group in _groups(stories) for part in _parts(group, lengths, group_tokens)]
    jobs = JobsOf(
        groups,
        lambda number, group: _job(
            [stories[place] for place in group],
            number,
            topic=topic,
            language=language,
            prompts=prompts,
            sampling=sampling,
        ),
    )
    grades: dict[int, int] = {}
    for group, completion in zip(groups, run(jobs, _is_sound), strict=True):
        said = _grades(completion.text)
        grades |= {place: said.get(number, _MIDDLE) for number, place in enumerate(group, start=1)}
    chosen: set[int] = set()
    left = budget_tokens
    for place in sorted(range(len(stories)), key=lambda place: (-grades[place], place)):
        if lengths[place] > left:
            break
        chosen.add(place)
        left -= lengths[place]
    first = [story for place, story in enumerate(stories) if place in chosen]
    return first + [story for place, story in enumerate(stories) if place not in chosen]


def _groups(stories: Sequence[Story]) -> Iterator[list[int]]:
    """Places of the stories of one page after the other, in the order of their text; short pages stand together."""
    pages: dict[int, list[int]] = {}
    for place in sorted(range(len(stories)), key=lambda place: _position(stories[place])):
        pages.setdefault(stories[place].claims[0].document, []).append(place)
    group: list[int] = []
    for page in pages.values():
        if group and (len(group) >= _LEAST_GROUP or len(group) + len(page) > _MOST_GROUP):
            yield group
            group = []
        group = group + page
    yield group


def _parts(group: Sequence[int], lengths: Sequence[int], group_tokens: int) -> Iterator[list[int]]:
    """As many stories as one prompt can hold, and a model can compare."""
    part: list[int] = []
    for place in group:
        is_full = sum(lengths[other] for other in part) + lengths[place] > group_tokens
        if part and (len(part) == _MOST_GROUP or is_full):
            yield part
            part = []
        part.append(place)
    yield part


def _position(story: Story) -> tuple[int, int, str]:
    lead = story.claims[0]
    _, _, sentence = lead.evidence[0].partition(".S")
    return lead.document, int(sentence) if sentence.isdecimal() else 0, lead.text


def grade_prompt(lines: Sequence[str], *, topic: str, language: str, prompts: Prompts) -> str:
    """The words of a job; one line a story."""
    topic = prompts.topic(topic, language)
    return prompts.fill("grade", language, topic=topic, stories=fenced("\n".join(lines)))


def _job(
    group: Sequence[Story], number: int, *, topic: str, language: str, prompts: Prompts, sampling: Sampling
) -> Job:
    lines = [f"{place}. {one_line(story.claims[0].text)}" for place, story in enumerate(group, start=1)]
    prompt = grade_prompt(lines, topic=topic, language=language, prompts=prompts)
    # The numbers are forced, so none can be left out, and the model writes one token a story.
    names = [str(place) for place in range(1, len(group) + 1)]
    schema = {
        "type": "object",
        "properties": {name: {"enum": list(range(1, _BEST + 1))} for name in names},
        "required": names,
        "additionalProperties": False,
    }
    return Job(
        id=f"grade-{number}",
        prompt=(Message("user", prompt),),
        max_tokens=_GRADE_TOKENS * (len(group) + 1),
        sampling=sampling,
        constraint=JsonSchema(json.dumps(schema)),
    )


def _grades(text: str) -> dict[int, int]:
    """Those that can be read, by the number of the story."""
    value, _ = read_json(text)
    if not isinstance(value, dict):
        return {}
    return {
        int(name): grade
        for name, grade in value.items()
        if name.isdecimal() and type(grade) is int and 1 <= grade <= _BEST
    }


def _is_sound(_: Job, text: str) -> bool:
    value, is_whole = read_json(text)
    return not is_whole or (isinstance(value, dict) and len(value) == len(_grades(text)) > 0)
