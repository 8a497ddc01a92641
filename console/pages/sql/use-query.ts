// Runs one query at a time and keeps what came of it, while the rows arrive.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { SqlAnswer, SqlColumnReport } from '../../../admin/sql-view.ts';
import { ApiError } from '../../api/ask.ts';
import { askLines } from '../../api/ask-lines.ts';
import { endpoints, type SqlBody } from '../../api/endpoints.ts';
import type { Place } from './editor.tsx';
import type { Row } from './export-rows.ts';

export interface Answered {
  readonly sql: string;
  /** `running`, and how it has ended. */
  readonly state: 'running' | 'done' | 'cancelled' | 'failed';
  readonly columns: readonly SqlColumnReport[];
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
  /** The share that is done, from 0 to 1, with words. */
  readonly progress?: { readonly share: number; readonly words: string };
  readonly isMore?: boolean;
  readonly tookMs?: number;
  readonly error?: { readonly message: string; readonly place?: Place };
}

export interface Query {
  readonly answered: Answered | undefined;
  run(asked: SqlBody): void;
  cancel(): void;
}

/** Rows come in thousands a second: the page is drawn this often. */
const SHOWN_EVERY_MS = 100;

export function useQuery(): Query {
  const [answered, setAnswered] = useState<Answered | undefined>(undefined);
  const running = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const run = (asked: SqlBody) => {
    running.current?.abort();
    const ends = new AbortController();
    running.current = ends;
    // An earlier query ends after this one has begun, and has nothing more to say.
    void follow(asked, ends.signal, now => {
      if (running.current === ends) setAnswered(now);
    });
  };
  return { answered, run, cancel: () => running.current?.abort() };
}

async function follow(asked: SqlBody, signal: AbortSignal, show: (answered: Answered) => void): Promise<void> {
  const rows: Row[] = [];
  let now: Answered = { sql: asked.sql, state: 'running', columns: [], rows, notes: [] };
  let shownAt = performance.now();
  show(now);
  try {
    for await (const line of askLines(endpoints.sql, { params: {}, body: asked }, signal)) {
      if (line.kind === 'failed') {
        const { message, line: at, column } = line;
        const place = at === undefined || column === undefined ? {} : { place: { line: at, column } };
        now = { ...now, state: 'failed', error: { message, ...place } };
      } else now = withLine(now, line, rows);
      if (performance.now() - shownAt < SHOWN_EVERY_MS && line.kind !== 'done') continue;
      shownAt = performance.now();
      show({ ...now, rows: [...rows] });
    }
    if (now.state === 'running') now = { ...now, state: 'failed', error: { message: BROKEN_OFF } };
  } catch (error) {
    if (signal.aborted) now = { ...now, state: 'cancelled' };
    else now = { ...now, state: 'failed', error: errorOf(error) };
  }
  show({ ...now, rows: [...rows] });
}

const BROKEN_OFF = 'The answer broke off: there are more rows. See whether the platform runs, and ask again.';

function withLine(now: Answered, line: SqlAnswer, rows: Row[]): Answered {
  switch (line.kind) {
    case 'reading': {
      const words = `${mebibytes(line.bytes)} of ${mebibytes(line.of)} MiB are read`;
      return { ...now, progress: { share: line.of === 0 ? 0 : line.bytes / line.of, words } };
    }
    case 'progress':
      return { ...now, progress: { share: line.percent / 100, words: `${Math.round(line.percent)} % are asked` } };
    case 'columns':
      return { ...now, columns: line.columns };
    case 'rows':
      for (const row of line.rows) rows.push(row);
      return now;
    case 'note':
      return { ...now, notes: [...now.notes, line.message] };
    case 'done':
      return { ...now, state: 'done', isMore: line.truncated !== undefined, tookMs: line.tookMs };
  }
}

function errorOf(error: unknown): NonNullable<Answered['error']> {
  const message = error instanceof Error ? error.message : String(error);
  const place = error instanceof ApiError ? error.place : undefined;
  return place === undefined ? { message } : { message, place };
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(bytes < 2 ** 20 * 10 ? 1 : 0);
}
