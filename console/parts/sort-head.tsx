// The head of a column by which a table can be sorted. The order is in the address, as `sort` and
// `down`.
import { withQuery } from '../shell/router.ts';
import type { Column } from './table.tsx';

export function sortHead<T>(
  name: string,
  title: string,
  by: string,
  isDown: boolean,
): Pick<Column<T>, 'title' | 'sorted' | 'head'> {
  const isIt = name === by;
  return {
    title,
    sorted: isIt ? (isDown ? 'descending' : 'ascending') : undefined,
    head: (
      <a href={withQuery({ sort: name, down: isIt && !isDown ? 'true' : undefined })}>
        {title}
        {isIt ? (isDown ? ' ↓' : ' ↑') : ''}
      </a>
    ),
  };
}
