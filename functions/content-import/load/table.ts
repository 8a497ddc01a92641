// The measured figures as tables of Markdown.
import type { Waited } from './clients.ts';
import type { Run } from './watch.ts';

export function importTable(runs: readonly Run[]): string {
  const rows = runs.map(({ name, seen }) => {
    const last = seen.at(-1);
    const most = Math.max(...seen.map(({ running, waiting }) => running + waiting));
    return [
      name,
      `${((last?.atMs ?? 0) / 1_000).toFixed(1)} s`,
      count(last?.articles),
      `${count((last?.tookMs ?? 0) / Math.max(1, last?.requests ?? 0))} ms`,
      count(most),
      count(last?.aborted),
      count(last?.refused),
    ];
  });
  const titles = [
    'all saved after',
    'articles',
    'a request took',
    'most at the service',
    'tries lost to the lock',
    'refused with 503',
  ];
  return toTable(['', ...titles], rows);
}

export interface Rate {
  readonly rate: number;
  readonly direct: Waited;
  readonly queued: Waited;
  /** Until the last one was saved, too. */
  readonly queuedSavedMs: number;
}

export function clientTable(rates: readonly Rate[]): string {
  const waited = ({ p50Ms, p99Ms }: Waited) => `${count(p50Ms)} / ${count(p99Ms)} ms`;
  const titles = [
    'articles per second',
    'straight to the service',
    'refused',
    'to the API with the queue',
    'refused',
    'all saved after',
  ];
  return toTable(
    titles,
    rates.map(({ rate, direct, queued, queuedSavedMs }) => [
      count(rate),
      waited(direct),
      count(direct.refused),
      waited(queued),
      count(queued.refused),
      `${(queuedSavedMs / 1_000).toFixed(1)} s`,
    ]),
  );
}

function toTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return [titles, titles.map((_, index) => (index === 0 ? '---' : '---:')), ...rows]
    .map(cells => `| ${cells.join(' | ')} |`)
    .join('\n');
}

const count = (value: number | undefined) => Math.round(value ?? 0).toLocaleString('en');
