"""Uploads made to hang a parser or to eat its memory end in a refusal or in rows, in bounded work and memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hostile_uploads import UPLOADS

MEMORY = 150 * 2**20
"""A tenth of what the Lambda has; uploads here are of up to 10 MB."""


@pytest.fixture(scope="module")
def outcomes():
    """Read all of them, each in a process of its own: only so its memory can be told from that of the others."""
    program = Path(__file__).with_name("hostile_uploads.py")
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True)
    return {outcome["name"]: outcome for outcome in map(json.loads, done.stdout.splitlines())}


@pytest.mark.slow(reason="the first one waits for all of them")
@pytest.mark.parametrize("name", UPLOADS)
def test_a_hostile_upload_is_refused_or_accounted_for(name, outcomes):
    assert name in outcomes, "it ended its process"
    outcome = outcomes[name]
    assert outcome["missing"] == 0
    assert outcome["read"] <= 0, "no byte of it is read twice"
    assert outcome["memory"] < MEMORY
    assert len(outcome["refused"].splitlines()) <= 1
