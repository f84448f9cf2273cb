"""Asks every question as early as possible; one that needs a failed one is skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from maulstick.doctor.context import DoctorContext
from maulstick.doctor.findings import Finding, NamedFinding, fail, skipped
from maulstick.errors import Problem

AT_ONCE = 16

Ask = Callable[[DoctorContext], Finding]


@dataclass(frozen=True, slots=True)
class Question:
    """A question; `needs` names those that must not fail, `after` those that only have to come first."""

    name: str
    ask: Ask
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def ask_all(questions: Sequence[Question], context: DoctorContext) -> Iterator[NamedFinding]:
    """Yield the answers in the order of the questions, each as soon as it and those before it are known.

    A question names only earlier ones; a name that is not among `questions` is ignored.
    """
    asked: dict[str, Future[Finding]] = {}
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        for question in questions:
            earlier = {name: asked[name] for name in (*question.needs, *question.after) if name in asked}
            # A question that waits holds a thread, but only waits for questions that got theirs before it.
            asked[question.name] = pool.submit(_ask, question, context, earlier)
        for name, future in asked.items():
            answer = future.result()
            says, hint = context.hidden(answer.says), context.hidden(answer.hint)
            yield NamedFinding(name=name, word=answer.word, says=says, hint=hint)
    finally:
        pool.shutdown(cancel_futures=True)  # after Ctrl-C the rest is not waited for


def _ask(question: Question, context: DoctorContext, earlier: Mapping[str, Future[Finding]]) -> Finding:
    answers = {name: future.result() for name, future in earlier.items()}
    for name in question.needs:
        answer = answers.get(name)
        if answer is not None and answer.word == "fail":
            return skipped(f"waits for: {name}")
        if answer is not None and answer.word == "skipped":
            return answer
    try:
        return question.ask(context)
    except Problem as problem:
        return fail(_said(problem), problem.hint)
    except OSError as error:
        return fail(f"{error.filename}: {(error.strerror or 'cannot be read').lower()}")


def _said(problem: Problem) -> str:
    first, *more = problem.what.splitlines() or [""]
    also = (f"{other.where}: {other.what}" for other in problem.also)
    return "\n".join([f"{problem.where}: {first}", *(line.strip() for line in more), *also])
