"""Reads template.yaml as `aws cloudformation deploy` would see it after `sam package`.

The SAM translator turns AWS::Serverless::* into plain CloudFormation. It refuses local paths, so they become
stand-in S3 URIs first (what `sam package` does); `Template.local_paths` leads back from each URI to the folder or
file.
"""

import hashlib
import importlib.metadata
import json
import logging
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

STAND_IN_BUCKET = "local"
LOCAL_PATH_PROPERTIES = ("CodeUri", "ContentUri", "DefinitionUri")
log = logging.getLogger(__name__)


class TemplateError(Exception):
    """template.yaml cannot be deployed here; the message is one line that names the place."""


@dataclass(frozen=True)
class Template:
    """A translated template: the sections of CloudFormation, and where its local paths lead.

    local_paths: "<logical id>" (the S3 key of the stand-in URI) -> absolute path.
    """

    parameters: dict[str, dict[str, Any]]
    mappings: dict[str, Any]
    conditions: dict[str, Any]
    resources: dict[str, dict[str, Any]]
    outputs: dict[str, dict[str, Any]]
    local_paths: dict[str, str]


def load_template(path: Path, parameters: Mapping[str, str], region: str) -> Template:
    """Translate the template, or take the translation that an earlier call left in .longshore beside it.

    parameters: overrides of the template's parameters; SAM itself reads a few of them. The cache is keyed by a hash of
    the template, these parameters and the translator's version: its import alone costs a second.
    Raises TemplateError for a missing or untranslatable template.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as unreadable:
        raise TemplateError(f"{path}: cannot be read: {unreadable.strerror}") from unreadable
    version = importlib.metadata.version("aws-sam-translator")
    identity = json.dumps([text, str(path), sorted(parameters.items()), region, version])
    key = hashlib.sha256(identity.encode()).hexdigest()[:16]
    cached = path.parent / ".longshore" / f"translated-{key}.json"
    try:
        return Template(**json.loads(cached.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        template = translate(text, path, parameters, region)
    keep(template, cached)
    return template


KEPT = 10
"""Translations kept: one per template and parameters in use; each change of the template makes another."""


def keep(template: Template, cached: Path) -> None:
    """Write the cache so that a parallel reader sees all of it or nothing; a read-only folder only costs time."""
    try:
        cached.parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=cached.parent, delete=False, encoding="utf-8") as part:
            json.dump(asdict(template), part)
        os.replace(part.name, cached)
        newest_first = sorted(cached.parent.glob("translated-*.json"), key=lambda file: -file.stat().st_mtime)
        for forgotten in newest_first[KEPT:]:
            forgotten.unlink(missing_ok=True)
    except OSError as refused:
        log.debug("the translated template is not cached: %s", refused)


def translate(text: str, path: Path, parameters: Mapping[str, str], region: str) -> Template:
    """Run the SAM translator over the text of a template; `path` is for messages and local paths."""
    # Imported here: half a second that a cached translation does not pay.
    import boto3
    import yaml
    from samtranslator.model.exceptions import InvalidDocumentException  # type: ignore[import-untyped]
    from samtranslator.parser.parser import Parser  # type: ignore[import-untyped]
    from samtranslator.translator.translator import Translator  # type: ignore[import-untyped]
    from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]

    try:
        document = yaml_parse(text)
    except yaml.YAMLError as broken:
        raise TemplateError(f"{path}: not YAML: {' '.join(str(broken).split())}") from broken
    if not isinstance(document, dict) or not isinstance(document.get("Resources"), dict):
        raise TemplateError(f"{path}: has no Resources section")
    local_paths = replace_local_paths(document, path)
    values = {name: spec.get("Default") for name, spec in document.get("Parameters", {}).items()} | dict(parameters)
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name=region))
    try:
        translated = translator.translate(document, values)
    except InvalidDocumentException as invalid:
        raise TemplateError(f"{path}: {'; '.join(cause.message for cause in invalid.causes)}") from invalid
    return Template(
        parameters=translated.get("Parameters", {}),
        mappings=translated.get("Mappings", {}),
        conditions=translated.get("Conditions", {}),
        resources=translated["Resources"],
        outputs=translated.get("Outputs", {}),
        local_paths=local_paths,
    )


def replace_local_paths(document: dict[str, Any], path: Path) -> dict[str, str]:
    """Put `s3://local/<logical id>` in place of every local path; return where each leads.

    Raises TemplateError for a path that does not exist, with the resource that names it.
    """
    local_paths = {}
    for logical_id, resource in document["Resources"].items():
        properties = resource.get("Properties") or {}
        for name in LOCAL_PATH_PROPERTIES:
            value = properties.get(name)
            if not isinstance(value, str) or value.startswith("s3://"):
                continue
            target = (path.parent / value).resolve()
            if not target.exists():
                raise TemplateError(f"{path}: {logical_id}: {name} {value} does not exist")
            local_paths[logical_id] = str(target)
            properties[name] = f"s3://{STAND_IN_BUCKET}/{logical_id}"
    return local_paths
