"""The scheduler service: starts work when it is due and ensures that each run takes effect once. Order of reading:

1. registry (every job and request kind), kinds (what defines a kind), triggers (when it is due)
2. service (start, standby, active), lease (who is active), ticker (the clock), special_days
3. accept (a request becomes a run), internal_api (the API asks for work), engine (PgQueuer), reconcile (repairs)
4. executor and worker (who executes), runner (one run)

The work itself is in backend.pipelines.
"""
