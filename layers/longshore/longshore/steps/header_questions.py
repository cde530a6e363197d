"""Questions about columns that a job waits for, as they stand once what the tenant has confirmed is looked at."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from longshore.domain.job import Job, Part
from longshore.domain.parse_plan import ParsePlan, Question, plan_from_dict
from longshore.domain.templates.header_matching import Confirmation, normalised
from longshore.domain.templates.template import Template
from longshore.steps.ports import Services


@dataclass(frozen=True)
class AskedPart:
    """A part with questions, and the template version that it is read by."""

    number: int
    plan: ParsePlan
    template: Template

    @property
    def fields(self) -> set[str]:
        """The fields that an answer may name."""
        return {field.name for field in self.template.fields}

    def question(self, header: str) -> Question | None:
        """Return the question about a header, as it is written in the file or alike."""
        return next((q for q in self.plan.questions if normalised(q.header) == normalised(header)), None)

    def answers(self, confirmed: Mapping[str, Confirmation]) -> Iterator[tuple[Question, str | None]]:
        """Yield the questions that are answered, each with its field or None.

        No answer is a field that this version of the template does not have, or one that two columns would fill: the
        file would ask again.
        """
        said = [(q, confirmed[form]) for q in self.plan.questions if (form := normalised(q.header)) in confirmed]
        filled = Counter([column.field for column in self.plan.mapped] + [one.field for _, one in said])
        for question, one in said:
            if one.field is None or (one.field in self.fields and filled[one.field] == 1):
                yield question, one.field

    def open(self, confirmed: Mapping[str, Confirmation]) -> list[Question]:
        """Return the questions that nobody has answered yet."""
        answered = {question.position for question, _ in self.answers(confirmed)}
        return [question for question in self.plan.questions if question.position not in answered]


def asked_parts(job: Job, parts: Sequence[Part], services: Services) -> list[AskedPart]:
    """Return the parts with questions; their templates are read once each."""
    templates: dict[tuple[str, int], Template] = {}
    asked = []
    for part in parts:
        plan = plan_from_dict(part.plan)
        if not plan.questions:
            continue
        pinned = part.template, part.template_version
        if pinned not in templates:
            templates[pinned] = services.catalog.get(job.tenant, *pinned)[0]
        asked.append(AskedPart(part.number, plan, templates[pinned]))
    return asked


def open_questions(job: Job, parts: Sequence[Part], services: Services) -> dict[int, list[Question]]:
    """Return the open questions of a job by the number of the part; empty where it waits for none."""
    if not job.questions:
        return {}
    return still_open(job, asked_parts(job, parts, services), services)


def still_open(job: Job, asked: Sequence[AskedPart], services: Services) -> dict[int, list[Question]]:
    """Return the open questions by part, judged by what is confirmed now."""
    names = {part.template.name for part in asked}
    confirmed = {name: services.mappings.confirmed(job.tenant, name) for name in names}
    found = {part.number: part.open(confirmed[part.template.name]) for part in asked}
    return {number: questions for number, questions in found.items() if questions}
