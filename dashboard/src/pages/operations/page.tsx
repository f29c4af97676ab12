import { useHealth } from "../../components/frame/banner";
import { Skeleton } from "../../components/states";
import { useWords } from "../../i18n/use-words";
import { GapsCard } from "./gaps";
import { HealthCard, ReasonsCard, SourcesCard } from "./health";
import { JobsCard } from "./jobs";
import { RunCard, useIsLoading } from "./run";
import { RunsCard } from "./runs";
import { WorkersCard } from "./workers";

const REST_HEIGHT = 900;

/** Waits for the health: before that nobody knows whether there are reasons to tell, which would move what follows. */
function Cards() {
  if (useHealth().isPending) return <Skeleton height={REST_HEIGHT} />;
  return (
    <>
      <ReasonsCard />
      <JobsCard />
      <RunsCard />
      <SourcesCard />
      <WorkersCard />
      <GapsCard />
    </>
  );
}

export function OperationsPage({ chosen }: { chosen: string | null }) {
  const { t } = useWords();
  // The height of a run is unknown until it has loaded; the cards below wait, so that they do not move.
  const isWaiting = useIsLoading(chosen);
  return (
    <>
      <h1>{t("page.operations")}</h1>
      {chosen && <RunCard key={chosen} id={chosen} />}
      {isWaiting ? (
        <Skeleton height={REST_HEIGHT} />
      ) : (
        <>
          <HealthCard />
          <Cards />
        </>
      )}
    </>
  );
}
