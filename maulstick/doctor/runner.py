"""Every question asked as early as it can be; one that needs what failed is not asked at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from maulstick.doctor.answer import Answer, Finding, fail, skipped
from maulstick.doctor.context import Patient
from maulstick.errors import Problem

AT_ONCE = 16

Ask = Callable[[Patient], Answer]


@dataclass(frozen=True, slots=True)
class Question:
    """A question: `needs` names those that must not have failed, `after` those that only come first."""

    name: str
    ask: Ask
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def ask_all(questions: Sequence[Question], patient: Patient) -> Iterator[Finding]:
    """Yield the answers in the order of the questions, each as soon as it and those before it are there.

    A question names only earlier ones; what it names and is not asked here is not waited for.
    """
    asked: dict[str, Future[Answer]] = {}
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        for question in questions:
            earlier = {name: asked[name] for name in (*question.needs, *question.after) if name in asked}
            # One that waits holds a thread, but only for those that were handed out before it.
            asked[question.name] = pool.submit(_ask, question, patient, earlier)
        for name, future in asked.items():
            answer = future.result()
            yield Finding(name, answer.word, patient.hidden(answer.says), patient.hidden(answer.hint))
    finally:
        pool.shutdown(cancel_futures=True)  # nobody waits for the rest after Ctrl-C


def _ask(question: Question, patient: Patient, earlier: Mapping[str, Future[Answer]]) -> Answer:
    answers = {name: future.result() for name, future in earlier.items()}
    for name in question.needs:
        answer = answers.get(name)
        if answer is not None and answer.word == "fail":
            return skipped(f"waits for: {name}")
        if answer is not None and answer.word == "skipped":
            return answer
    try:
        return question.ask(patient)
    except Problem as problem:
        return fail(_said(problem), problem.hint)
    except OSError as error:
        return fail(f"{error.filename}: {(error.strerror or 'cannot be read').lower()}")


def _said(problem: Problem) -> str:
    first, *more = problem.what.splitlines() or [""]
    also = (f"{one.where}: {one.what}" for one in problem.also)
    return "\n".join([f"{problem.where}: {first}", *(line.strip() for line in more), *also])
