"""Order a report and wait for it, with the client that openapi-python-client makes of docs/openapi.json.

    uvx openapi-python-client generate --path docs/openapi.json --meta none --output-path azak_client
    AZAK_API_KEY=... python docs/examples/order_report.py http://127.0.0.1:8000 005930

Ends with 0 when the report stands on the screen, with 1 and azak's own sentence when it was refused.
"""

import os
import sys
import time
from typing import TypeVar

from azak_client import AuthenticatedClient
from azak_client.api.reports import get_report, list_reports, request_report
from azak_client.api.runs import get_run
from azak_client.models.problem import Problem
from azak_client.models.run_state import RunState
from azak_client.models.stock_body import StockBody

OPEN = {RunState.QUEUED, RunState.RUNNING, RunState.RETRY}
Answer = TypeVar("Answer")


def needed(answer: Answer | Problem | None) -> Answer:
    """The answer, or the end of the program with the sentence that says why not."""
    if answer is None or isinstance(answer, Problem):
        sys.exit("The answer has a status that docs/openapi.json does not know." if answer is None else answer.detail)
    return answer


def main(base_url: str, stock_code: str) -> None:
    with AuthenticatedClient(base_url, os.environ["AZAK_API_KEY"]) as client:
        run = needed(request_report.sync(client=client, body=StockBody(stock_code)))
        while run.state in OPEN:
            time.sleep(0.5)
            run = needed(get_run.sync(run.id, client=client))
            print(f"{run.state.value:10} {run.progress:4.0%}", file=sys.stderr)
        newest = needed(list_reports.sync(client=client, stock_code=stock_code, limit=1)).items[0]
        print(needed(get_report.sync(newest.id, client=client)).text_en)


if __name__ == "__main__":
    main(*sys.argv[1:])
