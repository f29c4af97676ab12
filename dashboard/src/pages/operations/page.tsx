import { useRef } from "preact/hooks";

import { useHealth } from "../../components/frame/banner";
import { Tabs } from "../../components/frame/tabs";
import { Skeleton } from "../../components/states";
import { useRareWords, useWords } from "../../i18n/use-words";
import { hrefOf, useRoute } from "../../route";
import { GapsCard } from "./gaps";
import { HealthCard, ReasonsCard } from "./health";
import { JobsCard } from "./jobs";
import { RunCard, useIsLoading } from "./run";
import { RunsCard } from "./runs";
import { SourcesCard } from "./sources";
import { partOf, PARTS, type Part } from "./view";
import { WorkersCard } from "./workers";

const REST_HEIGHT = 900;

function OpenPart({ part }: { part: Part }) {
  if (part === "jobs") return <JobsCard />;
  if (part === "runs") return <RunsCard />;
  if (part === "processes") return <WorkersCard />;
  return (
    <>
      <GapsCard />
      <SourcesCard />
    </>
  );
}

/**
 * Waits for the health, and at first for the words of its reasons, which head the page: before that nobody knows how
 * high they are.
 */
function Cards({ part }: { part: Part }) {
  const { t } = useWords();
  const health = useHealth();
  const isShown = useRef(false);
  const isWorded = useRareWords((health.data?.troubles ?? []).length + (health.data?.notices ?? []).length > 0);
  if (health.isPending || !(isWorded || isShown.current)) return <Skeleton height={REST_HEIGHT} />;
  isShown.current = true;
  return (
    <>
      {isWorded && <ReasonsCard />}
      <HealthCard />
      <Tabs
        label={t("page.operations")}
        tabs={PARTS.map((name) => [name, t(`operations.${name}`), hrefOf("operations", null, { show: name })])}
        open={part}
      />
      <OpenPart part={part} />
    </>
  );
}

export function OperationsPage({ chosen }: { chosen: string | null }) {
  const { t } = useWords();
  const { filter } = useRoute();
  // The height of a run is unknown until it has loaded; the cards below wait, so that they do not move.
  const isWaiting = useIsLoading(chosen);
  return (
    <>
      <h1>{t("page.operations")}</h1>
      {chosen && <RunCard key={chosen} id={chosen} />}
      {isWaiting ? <Skeleton height={REST_HEIGHT} /> : <Cards part={partOf(chosen, filter)} />}
    </>
  );
}
