"""An engine whose answers are a function of the prompt: the one fake of the writer's tests, at the seam of the engine.

A word is a token. What a prompt has in common with an earlier one from its beginning counts as reused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from localdigest.engine.errors import JobError
from localdigest.engine.jobs import Completion, Finish, Job, JsonSchema, Message, Usage
from localdigest.text.written_in import is_written_in

__all__ = [
    "Answer",
    "ScriptedEngine",
    "a_claim",
    "a_statement",
    "enums",
    "honest",
    "honest_within",
    "labels_of",
    "lines_of",
    "prompt_of",
]

Answer = Callable[[Job], Any]


@dataclass
class ScriptedEngine:
    """`answer` gives what is written: text as it is, JSON-ready data as JSON, an error as a failure; of a job with
    `score` the log-probabilities.
    """

    answer: Answer
    backwards: bool = False  #: the last job is ready first
    cut: set[str] = field(default_factory=set)  #: ids of jobs that end at their limit
    jobs: list[Job] = field(default_factory=list)
    counted: int = 0
    _seen: list[list[str]] = field(default_factory=list)

    def count_all(self, texts: Sequence[str]) -> list[int]:
        self.counted += len(texts)
        return [len(text.split()) for text in texts]

    def generate(self, jobs: Iterable[Job]) -> Iterator[Completion]:
        jobs = list(jobs)
        for job in reversed(jobs) if self.backwards else jobs:
            self.jobs.append(job)
            yield self._completion(job)

    def _completion(self, job: Job) -> Completion:
        answer = self.answer(job)
        if isinstance(answer, JobError):
            return Completion(job.id, Finish.FAILED, error=answer)
        if job.score:
            usage = Usage(prompt_tokens=len(prompt_of(job).split()))
            return Completion(job.id, Finish.SCORED, logprobs=tuple(answer), usage=usage)
        text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
        words = prompt_of(job).split()
        reused = max((_common(words, seen) for seen in self._seen), default=0)
        self._seen.append(words)
        usage = Usage(prompt_tokens=len(words), reused_tokens=reused, sampled_tokens=len(text.split()))
        return Completion(job.id, Finish.LENGTH if job.id in self.cut else Finish.END, text, usage=usage)


def _common(one: list[str], other: list[str]) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def prompt_of(job: Job) -> str:
    (message,) = job.prompt
    assert not isinstance(message, str)
    return message.content


def lines_of(job: Job) -> dict[str, str]:
    """What a prompt shows: label or id to text."""
    return dict(re.findall(r"^\[([DST.\d]+)\] (.*)$", prompt_of(job), re.MULTILINE))


def labels_of(job: Job, *texts: str) -> list[str]:
    """What the prompt calls these sentences."""
    labels = {text: label for label, text in lines_of(job).items()}
    return [labels[" ".join(text.split())] for text in texts]


def enums(job: Job) -> set[str]:
    """Everything that the job's schema lets it name."""
    assert isinstance(job.constraint, JsonSchema)
    found: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            found.update(node.get("enum", ()))
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(json.loads(job.constraint.schema))
    return found


def honest(job: Job) -> Any:
    """Says what stands there: every claim and statement is a line of the prompt, word for word. Doubts nothing."""
    if job.score:
        return (-0.1, -2.4)
    assert isinstance(job.constraint, JsonSchema)
    properties = json.loads(job.constraint.schema)["properties"]
    lines = {name: text for name, text in lines_of(job).items() if name in enums(job)}
    (first, *_) = properties
    if first == "claims":
        return {"claims": [a_claim([name], text) for name, text in list(lines.items())[:4]]}
    if first == "sentence":
        return {"sentence": ""}
    if job.id.startswith("grade"):
        return dict.fromkeys(properties, 3)
    item = properties[list(properties)[-1]]["items"]
    if "id" in item.get("properties", ()):
        return {"sentences": [{"id": name, "kind": "event"} for name in list(lines)[:4]]}
    if "enum" not in item:
        lines = {name: _told(job, text) for name, text in lines.items()}
    start = _STARTS.get(job.id, 0) % len(lines)
    return _section(properties, dict(list(lines.items())[start:] + list(lines.items())[:start]), quotes="enum" in item)


def honest_within(prompt: str, schema: Any) -> Any:
    """The same of a prompt that came to a server: as many of everything as the schema asks for, and no longer."""
    number_keys = all(name.isdecimal() for name in schema["properties"])
    message = Message("user", prompt)
    answer = honest(Job("grade" if number_keys else "x", (message,), constraint=JsonSchema(json.dumps(schema))))
    for name, part in schema["properties"].items():
        missing = part.get("minItems", 0) - len(answer[name]) if part.get("type") == "array" else 0
        if missing > 0:
            answer[name] += [part["items"]["enum"][-1]] * missing
    return _no_longer(answer, schema)


def _no_longer(value: Any, schema: Any) -> Any:
    """With every text cut where the schema ends it."""
    if isinstance(value, dict):
        return {name: _no_longer(each, schema["properties"][name]) for name, each in value.items()}
    if isinstance(value, list):
        return [_no_longer(each, schema["items"]) for each in value]
    return value[: schema["maxLength"]] if "maxLength" in schema else value


def _told(job: Job, text: str) -> str:
    """The line as it can stand in the digest: of another language as a quotation."""
    language, told = (
        ("zh-TW", "來源表示：「{}」") if "臺灣慣用的繁體中文" in prompt_of(job) else ("en", "The source says: “{}”")
    )
    return text if is_written_in(text, language) else told.format(text)


#: From which line on a section takes its own, so that no two say the same.
_STARTS = {"trend": 1, "analysis": 2, "key_points": 5, "implications": 6}


def _section(properties: dict[str, Any], lines: dict[str, str], *, quotes: bool) -> Any:
    """Each list takes the next lines that are not taken: as many as it may of quotations, else one."""
    left = list(lines)
    answer: dict[str, Any] = {}
    for name, schema in properties.items():
        if name == "headline":
            answer[name] = a_statement([left[0]], lines[left[0]])
            continue
        most = schema["maxItems"] if quotes else 1
        taken, left = left[:most], left[most:]
        answer[name] = taken if quotes else [a_statement([id_], lines[id_]) for id_ in taken]
    return answer


def a_claim(evidence: list[str], text: str, *, kind: str = "event", on_topic: bool = True) -> dict[str, Any]:
    return {"evidence": evidence, "claim": text, "kind": kind, "on_topic": on_topic}


def a_statement(evidence: list[str], text: str) -> dict[str, Any]:
    return {"evidence": evidence, "sentence": text}
