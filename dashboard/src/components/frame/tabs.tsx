import { here, hrefOf, parseRoute } from "../../route";

/** Links to the parts of a page by the filter `show`; the open one is marked. */
export function Tabs({ label, tabs, open }: { label: string; tabs: readonly [string, string][]; open: string }) {
  const { page } = parseRoute(here());
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(([name, words]) => (
        <a href={hrefOf(page, null, { show: name })} aria-current={name === open ? "page" : undefined}>
          {words}
        </a>
      ))}
    </nav>
  );
}
