// Reasons to look in English, by their code and what the API names in them; rare.ts has the words of their classes.

import type { koReasons } from "../ko/reasons";

export const enReasons: Record<keyof typeof koReasons, string> = {
  "reason.channel-failing": "{channel} has not taken {waiting} alerts; check {setting}.",
  "reason.clock-wrong": "The clock of the {process} is {seconds} s off the database's; let NTP set it.",
  "reason.data-missing": "Every source of {data} is off; azak sources says how to switch one on.",
  "reason.database-schema-newer":
    "The database is at version {found}, and this azak knows {known} at most; install a newer azak.",
  "reason.disk-low": "Only {free_mb} MB are left where {path} is; free some space there.",
  "reason.job-overdue.failed": "The job “{job}” failed twice in a row; its runs say why.",
  "reason.job-overdue.late": "The job “{job}” is {minutes} min late; see the scheduler's log.",
  "reason.job-overdue.open": "The job “{job}” has not ended for {minutes} min; see its run.",
  "reason.listing-odd.refused":
    "The list of stocks of {market} looks wrong and was not taken; that of {day} stays in use. Its run says why.",
  "reason.listing-odd.refused_first": "The list of stocks of {market} looks wrong and was not taken. Its run says why.",
  "reason.listing-odd.renamed":
    "{code} is called {new} since {day}, before that {old}; if it is the same company, confirm it with azak stocks seen {code}.",
  "reason.log-gone":
    "The {process} cannot log, {lines} lines are lost so far; free its disk, or start it again if nobody reads its output. The work goes on.",
  "reason.loop-stopped":
    "The loop “{loop}” of the {process} has stood still for {seconds} s; see its log, and start it again.",
  "reason.model-drifts":
    "{model} is no longer calibrated as in its backtest; look at its calibration, or put it back with azak models rollback {model}.",
  "reason.model-member": "{model} keeps failing and is left out; the other models go on.",
  "reason.model-process":
    "The {process} has no models; they were started again {restarts} times within 10 min. See its log.",
  "reason.news-not-seen.again":
    "Some news of {sources} from {since} to {until} was not seen ({gaps} spans); it is asked for again every hour.",
  "reason.news-not-seen.never":
    "Some news of {sources} from {since} to {until} was missed ({gaps} spans) and can no longer be had.",
  "reason.news-not-seen.next":
    "Some news of {sources} from {since} to {until} was not seen ({gaps} spans); the next news crawl fills it.",
  "reason.paused": "{by} paused the job “{job}” on {day}; azak jobs resume {id} starts it again.",
  "reason.process-silent": "The {process} has been silent for {seconds} s; see its log, and start it again.",
  "reason.queue-unserved":
    "Nobody executes “{kind}”; take it into AZAK_SCHEDULER_KINDS, or start an azak worker that takes it.",
  "reason.replica-stale":
    "The read replica has not been in use for {seconds} s; the primary serves its reads. Look at its replication.",
  "reason.scheduler-problem": "The scheduler has a problem ({problem}); see its log.",
  "reason.scheduler-unavailable": "No scheduler is active; start it again with {restart}.",
  "reason.source-quota-gone":
    "{source} has used its quota of today ({used} of {limit}); it is asked again after midnight.",
  "reason.sources-failed": "No source of {data} answers as it should; ask them with azak sources check.",
};
