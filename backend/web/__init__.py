"""What the API and the scheduler service share: problems, request ids, security headers, serving.

`create_base_app` gives an application that answers each error as RFC 9457 problem+json and has
`/livez`; `bind_socket` and `serve` run it. Settings: AZAK_API_BODY_LIMIT_BYTES and the host and port
of each process.
"""

from backend.web.application import create_base_app
from backend.web.caching import Etags
from backend.web.compression import Compression
from backend.web.cross_site import SameSite
from backend.web.middleware import Spellings, TrustedHosts, request_id_of
from backend.web.planned_reads import PlannedReads, planned
from backend.web.problems import PROBLEM_RESPONSES, SIGN_IN_RESPONSES, WRITE_RESPONSES, FieldError, Problem
from backend.web.prometheus import Reading, prometheus_response
from backend.web.server import bind_socket, require_safe_host, serve

__all__ = [
    "PROBLEM_RESPONSES",
    "SIGN_IN_RESPONSES",
    "WRITE_RESPONSES",
    "Compression",
    "Etags",
    "FieldError",
    "PlannedReads",
    "Problem",
    "Reading",
    "SameSite",
    "Spellings",
    "TrustedHosts",
    "bind_socket",
    "create_base_app",
    "planned",
    "prometheus_response",
    "request_id_of",
    "require_safe_host",
    "serve",
]
