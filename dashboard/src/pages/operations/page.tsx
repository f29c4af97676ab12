import { useWords } from "../../i18n/use-words";
import { HealthCard, ReasonsCard, SourcesCard } from "./health";
import { JobsCard } from "./jobs";
import { RunCard } from "./run";
import { RunsCard } from "./runs";
import { WorkersCard } from "./workers";

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
