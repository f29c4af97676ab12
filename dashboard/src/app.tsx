import { QueryClientProvider } from "@tanstack/react-query";
import { Suspense } from "preact/compat";
import { useEffect, useMemo, useRef } from "preact/hooks";

import { useLiveUpdates } from "./api/browser-live";
import { newQueryClient } from "./api/queries";
import { Boundary } from "./components/boundary";
import { Banner } from "./components/frame/banner";
import { Header } from "./components/frame/header";
import { SIGN_IN_FIELD, Skeleton } from "./components/states";
import { lazyPart } from "./components/unloaded";
import { useWords } from "./i18n/use-words";
import { loadWordsOf, type Key, type Pack } from "./i18n/words";
import { PreferencesProvider } from "./preferences";
import { useRoute, type Route } from "./route";

/** The files of each page, and the words that only it says. No page has those of another. */
const PAGES_OF = {
  overview: () => import("./pages/overview/page").then((module) => module.OverviewPage),
  stock: () => {
    // In parallel to the page and its data: the chart library is more than half of the bytes.
    import("./pages/stock/chart/price-chart").catch(() => undefined); // shown by the boundary around the chart
    return withWords("stock", import("./pages/stock/page")).then((module) => module.StockPage);
  },
  call: () => withWords("calls", import("./pages/call/page")).then((module) => module.CallPage),
  report: () => withWords("calls", import("./pages/report/page")).then((module) => module.ReportPage),
  news: () => import("./pages/news/page").then((module) => module.NewsPage),
  models: () => withWords("models", import("./pages/models/page")).then((module) => module.ModelsPage),
  operations: () => withWords("operations", import("./pages/operations/page")).then((module) => module.OperationsPage),
  settings: () => withWords("settings", import("./pages/settings/page")).then((module) => module.SettingsPage),
};

function withWords<Module>(pack: Pack, module: Promise<Module>): Promise<Module> {
  return Promise.all([module, loadWordsOf(pack)]).then(([loaded]) => loaded);
}

/** Begins to fetch a page before the first one is drawn; what fails is asked for again, and told, when it is drawn. */
export function prefetch({ page }: Route): void {
  PAGES_OF[page]().catch(() => undefined);
}

const OverviewPage = lazyPart(PAGES_OF.overview);
const StockPage = lazyPart(PAGES_OF.stock);
const CallPage = lazyPart(PAGES_OF.call);
const ReportPage = lazyPart(PAGES_OF.report);
const NewsPage = lazyPart(PAGES_OF.news);
const ModelsPage = lazyPart(PAGES_OF.models);
const OperationsPage = lazyPart(PAGES_OF.operations);
const SettingsPage = lazyPart(PAGES_OF.settings);
const PAGE_HEIGHT = 900;

function PageOf({ route }: { route: Route }) {
  if (route.page === "stock" && route.id) return <StockPage key={route.id} code={route.id} />;
  if (route.page === "call" && route.id) return <CallPage key={route.id} id={route.id} />;
  if (route.page === "report" && route.id) return <ReportPage key={route.id} id={route.id} />;
  if (route.page === "news") return <NewsPage chosen={route.id} />;
  if (route.page === "models") return <ModelsPage />;
  if (route.page === "settings") return <SettingsPage chosen={route.id} />;
  if (route.page === "operations") return <OperationsPage chosen={route.id} />;
  return <OverviewPage />;
}

function Shell() {
  const route = useRoute();
  const { page, id } = route;
  useLiveUpdates();
  const { t } = useWords();
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    // A subject of the settings has its name in the tabs, where it is in the reader's language.
    document.title = `azak · ${t(`page.${page}` as Key)}${id && page !== "settings" ? ` ${id}` : ""}`;
    // Navigation moves scroll and focus to the top of the new page, or to the sign-in for those who came for it; the first
    // load and another filter do not.
    if (!isFirst.current) {
      if (document.activeElement?.id !== SIGN_IN_FIELD) main.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    isFirst.current = false;
  }, [page, id, t]);
  return (
    <>
      <a
        class="skip"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {t("action.skip")}
      </a>
      <Header page={page} />
      <Banner />
      <main id="content" tabIndex={-1} ref={main}>
        <Boundary key={`${page} ${id}`}>
          <Suspense fallback={<Skeleton height={PAGE_HEIGHT} />}>
            <PageOf route={route} />
          </Suspense>
        </Boundary>
      </main>
      <footer class="foot">
        <p>{t("disclaimer")}</p>
        <p class="quiet">
          {t("foot.times")} · {t("foot.charts")}{" "}
          <a href="https://www.tradingview.com/" target="_blank" rel="noopener noreferrer">
            TradingView Lightweight Charts™
          </a>
        </p>
      </footer>
    </>
  );
}

export function App() {
  const client = useMemo(newQueryClient, []);
  return (
    <QueryClientProvider client={client}>
      <PreferencesProvider>
        <Shell />
      </PreferencesProvider>
    </QueryClientProvider>
  );
}
