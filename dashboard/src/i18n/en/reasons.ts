// Reasons to look in English, by their code and what the API names in them; rare.ts has the words of their classes.

import type { koReasons } from "../ko/reasons";

export const enReasons: Record<keyof typeof koReasons, string> = {
  "reason.channel-failing": "{channel} has not accepted {waiting} alerts; check {setting}.",
  "reason.clock-wrong": "The clock of the {process} is {seconds} s off the database's; turn on NTP.",
  "reason.data-missing": "Every source of {data} is off; switch one on or give it a key.",
  "reason.database-fault": "The database server says: {says}. See the server's log and check AZAK_DATABASE_URL.",
  "reason.database-schema-newer":
    "The database is at version {found}, and this azak knows {known} at most; install a newer azak.",
  "reason.disk-low": "Only {free_mb} MB are left at {path}; free some space there.",
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
    "The loop “{loop}” of the {process} has been stuck for {seconds} s; see its log, then restart it.",
  "reason.model-drifts":
    "“{model}” is no longer calibrated as in its backtest; check its calibration, or restore an earlier version with azak models rollback {model}.",
  "reason.model-member": "“{model}” keeps failing and is left out; the other models go on.",
  "reason.model-process":
    "The {process} has no models; they were restarted {restarts} times within 10 min. See its log.",
  "reason.news-not-seen.again":
    "Some news of {sources} from {since} to {until} was not seen ({gaps} spans); it is asked for again every hour.",
  "reason.news-not-seen.never":
    "Some news of {sources} from {since} to {until} was missed ({gaps} spans) and can no longer be had.",
  "reason.news-not-seen.next":
    "Some news of {sources} from {since} to {until} was not seen ({gaps} spans); the next news crawl fills it.",
  "reason.job-paused": "{by} paused the job “{job}” on {day}; resume it with azak jobs resume {id}.",
  "reason.process-silent": "The {process} has not responded for {seconds} s; see its log, then restart it.",
  "reason.queue-unserved":
    "No process runs “{kind}”; add it to AZAK_SCHEDULER_KINDS, or start an azak worker that takes it.",
  "reason.replica-stale":
    "The read replica has not been in use for {seconds} s; the primary serves reads. Check its replication.",
  "reason.run-unreported":
    "Attempt {attempts}, the last one, never reported back: {worker} died, or lost the database. See its log, then retry the run.",
  "reason.scheduler-problem": "The scheduler has a problem ({problem}); see its log.",
  "reason.scheduler-unavailable": "No scheduler is active; restart it with {restart}.",
  "reason.source-quota-gone":
    "{source} has used up today's quota ({used} of {limit}); it is asked again after midnight.",
  "reason.sources-failed": "No source of {data} answers as it should; try them and see their last errors.",
};
