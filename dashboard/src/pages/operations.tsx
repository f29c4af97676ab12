import { useWords } from "../i18n/use-words";
import { HealthCard, ReasonsCard, SourcesCard } from "./operations-health";
import { JobsCard } from "./operations-jobs";
import { RunCard } from "./operations-run";
import { RunsCard } from "./operations-runs";
import { WorkersCard } from "./operations-workers";

export function OperationsPage({ chosen }: { chosen: string | null }) {
  const { t } = useWords();
  return (
    <>
      <h1>{t("page.operations")}</h1>
      {chosen && <RunCard key={chosen} id={chosen} />}
      <HealthCard />
      <JobsCard />
      <ReasonsCard />
      <RunsCard />
      <SourcesCard />
      <WorkersCard />
    </>
  );
}
