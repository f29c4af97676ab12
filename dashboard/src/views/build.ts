// What to do when a file of this page cannot be loaded: an update of azak has replaced it, or nothing answers at all.

export type Remedy = "wait" | "reload" | "ask" | "broken";

interface Situation {
  /** Build that the server has now; null: nobody answers. */
  served: string | null;
  /** Build that runs in this tab. */
  running: string;
  /** Whether nobody answered since the file was asked for. */
  wasUnreachable: boolean;
  /** Build for which this tab has reloaded itself before. */
  reloadedFor: string | null;
  /** Something typed would be lost. */
  hasDraft: boolean;
}

/** A reload is done by itself once per build, or after an outage that explains the failure; never in a loop. */
export function remedyOf({ served, running, wasUnreachable, reloadedFor, hasDraft }: Situation): Remedy {
  if (served === null) return "wait";
  if (served === "") return "broken";
  const isExplained = wasUnreachable || (served !== running && served !== reloadedFor);
  if (!isExplained) return served === running ? "broken" : "ask";
  return hasDraft ? "ask" : "reload";
}

/** Address of the script that a page starts with: it has the hash of the build. "" where there is none. */
export function buildOf(html: string): string {
  return /<script type="module"[^>]*? src="([^"]+)"/.exec(html)?.[1] ?? "";
}
