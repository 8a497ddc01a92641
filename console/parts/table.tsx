// A table of rows. On a phone each row is a block, and each value has its title beside it.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { betweenInputs } from '../api/between-inputs.ts';

export interface Column<T> {
  readonly title: string;
  /** In place of the title, where that is more than a word. */
  readonly head?: ComponentChildren;
  readonly sorted?: 'ascending' | 'descending' | undefined;
  /** `once`: on one line. `wide`: takes what room there is. */
  readonly look?: 'number' | 'once' | 'wide' | 'name';
  readonly cell: (row: T) => ComponentChildren;
}

/** So many rows fill a screen, and are drawn first. */
const FIRST = 30;
/** So many more are drawn whenever the end of those comes near what is seen. */
const STEP = 50;
const NEAR = '500px';

export function Table<T>(props: {
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
}) {
  const { columns, rows, keyOf } = props;
  const [most, setMost] = useState(FIRST);
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = end;
    if (current === null) return;
    const observer = new IntersectionObserver(
      seen => {
        if (seen.some(({ isIntersecting }) => isIntersecting)) betweenInputs(() => setMost(most + STEP));
      },
      { rootMargin: NEAR },
    );
    observer.observe(current);
    return () => observer.disconnect();
  }, [most, most < rows.length]);
  return (
    <div class="table">
      <table>
        <thead>
          <tr>
            {columns.map(({ title, head, look, sorted }) => (
              <th key={title} class={look === 'number' ? 'number' : undefined} aria-sort={sorted}>
                {head ?? title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, most).map(row => (
            <tr key={keyOf(row)}>
              {columns.map(({ title, look, cell }) => (
                <td key={title} class={look} data-title={title}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {most < rows.length ? <div ref={end} aria-hidden="true" /> : null}
    </div>
  );
}
