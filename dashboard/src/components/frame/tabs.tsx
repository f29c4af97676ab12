/** Links to the parts of a page, each with its name, words and address; the open one is marked. */
export function Tabs({
  label,
  tabs,
  open,
}: {
  label: string;
  tabs: readonly [string, string, string][];
  open: string;
}) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(([name, words, href]) => (
        <a href={href} aria-current={name === open ? "page" : undefined}>
          {words}
        </a>
      ))}
    </nav>
  );
}
