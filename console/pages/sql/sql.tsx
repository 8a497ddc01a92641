// Answers questions in SQL over archives, live windows and Views: a field, tables and the answer.
import { useMemo, useState } from 'preact/hooks';
import type { SqlTableReport } from '../../../admin/sql-view.ts';
import { counted } from '../../../core/units/counted.ts';
import { ask } from '../../api/ask.ts';
import { endpoints } from '../../api/endpoints.ts';
import { useLive } from '../../api/live.ts';
import { rights } from '../../api/rights.ts';
import { Act } from '../../parts/act.tsx';
import { Chart } from '../../parts/chart.tsx';
import { saveFile } from '../../parts/save-file.ts';
import { Empty, PageHead, View } from '../../parts/view.tsx';
import { numberWords } from '../../parts/words.ts';
import { navigate, query, withQuery } from '../../shell/router.ts';
import { Editor, showPlace } from './editor.tsx';
import { toCsv, toJsonLines } from './export-rows.ts';
import { ResultTable } from './result.tsx';
import { seriesOf } from './series.ts';
import { type Answered, type Query, useQuery } from './use-query.ts';

const ROWS = ['1000', '10000', '100000'] as const;

export function SqlPage() {
  const namespace = query.value.get('namespace') ?? 'default';
  const [sql, setSql] = useState(query.value.get('sql') ?? '');
  const tables = useLive(
    `sql tables ${namespace}`,
    signal => ask(endpoints.sqlTables, { params: {}, query: { namespace } }, signal),
    { everyMs: 30_000 },
  );
  return (
    <>
      <PageHead title="SQL">
        <Namespace chosen={namespace} />
      </PageHead>
      <View of={tables}>
        {({ items }) =>
          items.length === 0 ? (
            <NoTables namespace={namespace} />
          ) : (
            <Asking namespace={namespace} tables={items} sql={sql} setSql={setSql} />
          )
        }
      </View>
    </>
  );
}

function NoTables({ namespace }: { readonly namespace: string }) {
  return (
    <Empty title="There is nothing to ask">
      <p>
        No Pipeline of {namespace} has an archive or a window. A sink <code>archive</code> in its <code>to</code> makes
        a table of all events, and a step <code>window</code> one of the windows that are open.
      </p>
    </Empty>
  );
}

function Asking(props: {
  readonly namespace: string;
  readonly tables: readonly SqlTableReport[];
  readonly sql: string;
  readonly setSql: (sql: string) => void;
}) {
  const { namespace, tables, sql, setSql } = props;
  const rows = query.value.get('rows') ?? ROWS[0];
  const asking = useQuery();
  const isRunning = asking.answered?.state === 'running';
  const run = () => {
    if (sql.trim() === '') return;
    navigate(withQuery({ sql: isTooLong(sql) ? undefined : sql }), 'replace');
    asking.run({ namespace, sql, rows: Number(rows) });
  };
  return (
    <div class="sql">
      <section>
        <Editor sql={sql} tables={tables} set={setSql} run={run} />
        <div class="sql-acts">
          <Act
            verb="view"
            namespace={namespace}
            look="primary"
            disabled={isRunning || sql.trim() === ''}
            act={async () => run()}
          >
            Run
          </Act>
          {isRunning ? (
            <button type="button" class="button" onClick={asking.cancel}>
              Cancel
            </button>
          ) : null}
          <label class="muted">
            Rows at most{' '}
            <select
              value={rows}
              onChange={event => navigate(withQuery({ rows: event.currentTarget.value }), 'replace')}
            >
              {ROWS.map(count => (
                <option key={count} value={count}>
                  {numberWords(Number(count))}
                </option>
              ))}
            </select>
          </label>
          <span class="faint">
            <kbd>Ctrl</kbd> <kbd>Enter</kbd> runs, <kbd>Ctrl</kbd> <kbd>Space</kbd> offers names
          </span>
        </div>
        {isTooLong(sql) ? (
          <p class="muted">This query is longer than 4 KiB: the address does not keep it. Copy it before you leave.</p>
        ) : null}
      </section>
      <Tables tables={tables} choose={name => setSql(`SELECT * FROM ${name} LIMIT 100`)} />
      <Result of={asking} />
    </div>
  );
}

/** A server takes 16 KiB of head, and an address may have three characters for one byte. */
function isTooLong(sql: string): boolean {
  return new TextEncoder().encode(sql).length > 4_096;
}

function Namespace({ chosen }: { readonly chosen: string }) {
  const known = rights.value?.namespaces.map(({ namespace }) => namespace) ?? [];
  const all = [...new Set([chosen, ...known])].toSorted();
  return (
    <label class="muted">
      Namespace{' '}
      <select
        value={chosen}
        onChange={event => navigate(withQuery({ namespace: event.currentTarget.value }), 'replace')}
      >
        {all.map(each => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </label>
  );
}

function Tables(props: { readonly tables: readonly SqlTableReport[]; readonly choose: (name: string) => void }) {
  return (
    <section class="sql-tables" aria-label="Tables">
      <h2>Tables</h2>
      {props.tables.map(({ name, kind, pipeline, view, columns, files }) => (
        <details key={name}>
          <summary>
            <span class="mono">{name}</span> <span class="faint">{kind}</span>
          </summary>
          <p class="muted">
            {view
              ? `The rows of View ${view}`
              : kind === 'archive'
                ? `All events of Pipeline ${pipeline}`
                : `The open windows of Pipeline ${pipeline}`}
            {files === undefined ? '' : `, ${counted(files, 'file')}`}.{' '}
            <button type="button" class="button ghost small" onClick={() => props.choose(name)}>
              Ask for its first rows
            </button>
          </p>
          <ul>
            {columns.map(column => (
              <li key={column.name}>
                <span class="mono">{column.name}</span> <span class="faint">{column.type.toLowerCase()}</span>
              </li>
            ))}
          </ul>
        </details>
      ))}
    </section>
  );
}

function Result({ of: { answered } }: { readonly of: Query }) {
  return answered === undefined ? null : <Answer of={answered} />;
}

function Answer({ of: answered }: { readonly of: Answered }) {
  const { state, columns, rows, notes, error, progress } = answered;
  return (
    <section class="sql-result" aria-label="The answer">
      {state === 'running' ? (
        <div class="progress" role="status">
          <p class="muted">{progress?.words ?? 'Asking'}</p>
          <progress max={1} value={progress?.share} aria-label="How much is done" />
        </div>
      ) : null}
      {notes.map(note => (
        <p key={note} class="banner banner-warn">
          {note}
        </p>
      ))}
      {error === undefined ? null : <Wrong of={answered} />}
      {columns.length > 0 || state !== 'cancelled' ? null : <p class="muted">It was cancelled.</p>}
      {columns.length === 0 ? null : (
        <>
          <div class="section-head">
            <p class="muted" role="status">
              {summaryOf(answered)}
            </p>
            {state === 'running' || rows.length === 0 ? null : <Downloads of={answered} />}
          </div>
          {state === 'running' ? null : <Numbers columns={columns} rows={rows} />}
          {rows.length === 0 ? null : <ResultTable columns={columns} rows={rows} />}
        </>
      )}
    </section>
  );
}

/** Numbers over time as a chart, where the answer has some. */
function Numbers({ columns, rows }: Pick<Answered, 'columns' | 'rows'>) {
  const series = useMemo(() => seriesOf(columns, rows), [columns, rows]);
  if (series === undefined) return null;
  const { time, times, lines, left } = series;
  const numbers = lines.length === 1 ? lines[0]?.name : counted(lines.length, 'number');
  const title = `${numbers} over ${time}${left === 0 ? '' : `, without ${counted(left, 'row')} that have none`}`;
  return <Chart title={title} times={times} lines={lines} words={numberWords} isUtc />;
}

function Downloads({ of: { columns, rows } }: { readonly of: Answered }) {
  return (
    <span class="sql-acts">
      <button
        type="button"
        class="button small"
        onClick={() => saveFile('answer.csv', 'text/csv', toCsv(columns, rows))}
      >
        CSV
      </button>
      <button
        type="button"
        class="button small"
        onClick={() => saveFile('answer.jsonl', 'application/x-ndjson', toJsonLines(columns, rows))}
      >
        JSON Lines
      </button>
    </span>
  );
}

function Wrong({ of: { sql, error } }: { readonly of: Answered }) {
  const place = error?.place;
  const line = place && sql.split('\n')[place.line - 1];
  return (
    <div class="banner banner-warn sql-wrong" role="alert">
      <p>{error?.message}</p>
      {place === undefined || line === undefined ? null : (
        <>
          <pre class="mono">{`${line.replaceAll('\t', ' ')}\n${' '.repeat(place.column - 1)}^`}</pre>
          <button type="button" class="button small" onClick={() => showPlace(place)}>
            Go to line {place.line}, column {place.column}
          </button>
        </>
      )}
    </div>
  );
}

function summaryOf({ state, rows, isMore, tookMs = 0 }: Answered): string {
  const count = counted(rows.length, 'row');
  if (state === 'running') return `${count} so far`;
  if (state === 'cancelled') return `${count} came before it was cancelled: there may be more.`;
  if (state === 'failed') return `${count} came before it failed.`;
  const time = `${count} in ${(tookMs / 1000).toFixed(2)} s`;
  return isMore ? `${time}. There are more: ask for more rows, or narrow the query down.` : `${time}.`;
}
