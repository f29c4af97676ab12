"""HTTP parts that the API and the scheduler service share: problems, request ids, security headers, metrics, serving.

`create_base_app` returns an application that answers every error as RFC 9457 problem+json and has
`/livez`; `bind_socket` and `serve` run it. Settings: AZAK_API_BODY_LIMIT_BYTES and the host and port
of each process. Which layers are our own although a library exists, and why: docs/decisions/dependencies.md.
"""

from backend.web.application import create_base_app
from backend.web.caching import Etags
from backend.web.cross_site import SameSite
from backend.web.exports import Exports, ListRoute, list_route
from backend.web.middleware import BasePath, PathAliases, TrustedHosts, request_id_of
from backend.web.planned_reads import PlannedReads, planned
from backend.web.problems import (
    PROBLEM_RESPONSES,
    SIGN_IN_RESPONSES,
    WRITE_RESPONSES,
    FieldError,
    Problem,
    ProblemKind,
    problem_kinds,
)
from backend.web.process_readings import read_process
from backend.web.prometheus import Reading, prometheus_response
from backend.web.server import bind_socket, require_safe_host, serve

__all__ = [
    "PROBLEM_RESPONSES",
    "SIGN_IN_RESPONSES",
    "WRITE_RESPONSES",
    "BasePath",
    "Etags",
    "Exports",
    "FieldError",
    "ListRoute",
    "PathAliases",
    "PlannedReads",
    "Problem",
    "ProblemKind",
    "Reading",
    "SameSite",
    "TrustedHosts",
    "bind_socket",
    "create_base_app",
    "list_route",
    "planned",
    "problem_kinds",
    "prometheus_response",
    "read_process",
    "request_id_of",
    "require_safe_host",
    "serve",
]
