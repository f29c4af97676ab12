import type { RefObject } from "preact";
import { useId, useState } from "preact/hooks";

import { useStocks } from "../../api/stock-names";
import { useWords } from "../../i18n/use-words";
import { hrefOf, navigate } from "../../route";
import { findStocks } from "../../search";

/** Combobox of stocks by name, code or initial consonants: arrow keys choose, Enter opens, Escape closes. */
export function Search({ field }: { field: RefObject<HTMLInputElement | null> }) {
  const { t } = useWords();
  const id = useId();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const [isOpen, setOpen] = useState(false);
  const stocks = useStocks(isOpen);
  const found = findStocks(text, stocks.data ?? []);
  const shown = isOpen && text !== "";

  const open = (code: string) => {
    setText("");
    setOpen(false);
    field.current?.blur();
    navigate(hrefOf("stock", code));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const pick = found[chosen];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      setChosen((chosen + step + found.length) % Math.max(1, found.length));
    } else if (event.key === "Enter" && pick) open(pick.code);
    else if (event.key === "Escape") setOpen(false);
  };

  return (
    <div class="search">
      <input
        ref={field}
        type="search"
        value={text}
        placeholder={t("search.placeholder")}
        aria-label={t("search.label")}
        role="combobox"
        aria-expanded={shown}
        aria-controls={`${id}list`}
        aria-autocomplete="list"
        autoComplete="off"
        spellcheck={false}
        list={undefined}
        {...(shown && found[chosen] ? { "aria-activedescendant": `${id}${found[chosen].code}` } : {})}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setChosen(0);
          setOpen(true);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => setOpen(false)}
        onFocus={() => setOpen(true)}
      />
      <ul id={`${id}list`} role="listbox" aria-label={t("search.label")} hidden={!shown || found.length === 0}>
        {found.map((stock, index) => (
          <li
            id={`${id}${stock.code}`}
            role="option"
            aria-selected={index === chosen}
            onMouseDown={(event) => {
              event.preventDefault();
              open(stock.code);
            }}
          >
            {stock.name}{" "}
            <span class="quiet">
              {stock.code} {stock.market}
            </span>
          </li>
        ))}
      </ul>
      {shown && found.length === 0 && stocks.data && (
        <p class="nothing" role="status">
          {t("search.nothing")}
        </p>
      )}
    </div>
  );
}
