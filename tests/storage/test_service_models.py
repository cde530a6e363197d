"""The models that our session loads: those that botocore loads, for every service that has a client."""

import ast
import inspect

import pytest
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import Loader

from longshore.storage import clients
from longshore.storage.service_models import SERVICES, ServiceModels, session


@pytest.mark.parametrize("kind", ["service-2", "endpoint-rule-set-1", "paginators-1"])
@pytest.mark.parametrize("service", SERVICES)
def test_a_model_is_the_one_that_botocore_loads(service, kind):
    assert ServiceModels().load_service_model(service, kind) == Loader().load_service_model(service, kind)


@pytest.mark.parametrize("name", ["endpoints", "partitions", "sdk-default-configuration", "_retry"])
def test_other_data_is_what_botocore_loads(name):
    assert ServiceModels().load_data(name) == Loader().load_data(name)


def test_what_is_not_there_is_reported_as_by_botocore():
    models = ServiceModels()
    assert not models.file_loader.exists(f"{models.BUILTIN_DATA_PATH}/nothing")
    with pytest.raises(DataNotFoundError):
        models.load_data("nothing")


def test_a_plain_file_is_read_too(tmp_path):
    (tmp_path / "ours.json").write_text('{"a": [1, 2.5]}')
    models = ServiceModels()
    models.search_paths.insert(0, str(tmp_path))
    assert models.load_data("ours") == {"a": [1, 2.5]}


def test_every_service_that_has_a_client_is_known_and_no_other():
    calls = (node for node in ast.walk(ast.parse(inspect.getsource(clients))) if isinstance(node, ast.Call))
    made = {c.args[0].value for c in calls if isinstance(c.func, ast.Attribute) and c.func.attr == "client"}
    assert made == set(SERVICES)
    with pytest.raises(UnknownServiceError, match="ec2"):
        session().client("ec2", region_name="eu-west-1")
