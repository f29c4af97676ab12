"""The one file that uses inner functions of FastAPI, which may change without notice.

pyproject.toml therefore bounds its version from above (tests/architecture/test_private_interfaces.py). The documented
way to know a route's query parameters is the OpenAPI document, whose making costs a second and megabytes of memory.
"""

from fastapi.dependencies.utils import get_flat_params
from fastapi.params import ParamTypes
from fastapi.routing import APIRoute


def query_parameters(route: APIRoute) -> frozenset[str]:
    """Names of the query parameters that a route and its dependencies declare."""
    fields = get_flat_params(route.dependant)
    return frozenset(field.alias for field in fields if getattr(field.field_info, "in_", None) == ParamTypes.query)
