// Answers "who did that?": the audit log, the newest first, filtered as the address says.
import { useEffect, useRef } from 'preact/hooks';
import type { AuditEntry } from '../../../admin/audit-view.ts';
import { ask } from '../../api/ask.ts';
import { endpoints } from '../../api/endpoints.ts';
import { wholeOf } from '../../api/heard.ts';
import { useLive } from '../../api/live.ts';
import { rights } from '../../api/rights.ts';
import { Badge } from '../../parts/badge.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Empty, PageHead, View } from '../../parts/view.tsx';
import { When } from '../../parts/when.tsx';
import { linkTo, navigate, query, withQuery } from '../../shell/router.ts';
import { deedWords, outcomeTones, outcomeWords } from './deed-words.ts';
import { EntryDialog } from './entry-dialog.tsx';

const FILTERS = ['by', 'action', 'namespace', 'outcome', 'since', 'until'] as const;
const LIMIT = '100';

export function AuditPage() {
  const said = query.value;
  const filter = Object.fromEntries(FILTERS.map(name => [name, said.get(name) ?? undefined]));
  const after = said.get('after') ?? undefined;
  const entries = useLive(
    `audit ${JSON.stringify([filter, after])}`,
    signal => ask(endpoints.audit, { params: {}, query: { ...filter, limit: LIMIT, after } }, signal),
    // An entry is written once its change is told, and a sign-in changes nothing.
    { on: wholeOf('operation', 'consumer'), isUntold: true },
  );
  // It stays open when newer entries push it off the page.
  const opened = useRef<AuditEntry | undefined>(undefined);
  const isFiltered = Object.values(filter).some(value => value !== undefined);
  return (
    <>
      <PageHead title="Audit">
        <p class="muted">Who changed what, and how it ended. Entries are kept for a year, and 1 GiB of them at most.</p>
      </PageHead>
      <Filters />
      <View of={entries}>
        {({ items, next }) => (
          <>
            <Chosen items={items} opened={opened} />
            {after === undefined ? null : (
              <p class="banner">
                <span>These are older entries.</span>
                <a href={withQuery({ after: undefined })}>Show the newest</a>
              </p>
            )}
            {items.length > 0 ? (
              <Table columns={COLUMNS} rows={items} keyOf={({ id }) => id} />
            ) : (
              <Nothing isFiltered={isFiltered} isMore={next !== undefined} />
            )}
            {next === undefined ? null : (
              <a class="button" href={withQuery({ after: next, entry: undefined })}>
                {items.length === 0 ? 'Search further back' : 'Show older ones'}
              </a>
            )}
          </>
        )}
      </View>
    </>
  );
}

function Nothing({ isFiltered, isMore }: { readonly isFiltered: boolean; readonly isMore: boolean }) {
  if (isMore)
    return (
      <Empty title="Nothing yet">
        <p>No entry in this part of the log matches. Older ones may.</p>
      </Empty>
    );
  return isFiltered ? (
    <Empty title="No entry matches">
      <p>
        <a href={linkTo(['audit'])}>Show all entries</a>
      </p>
    </Empty>
  ) : (
    <Empty title="The log has no entries">
      <p>Each change by the admin API has an entry here: by the Console, the command line, or another client.</p>
    </Empty>
  );
}

function Chosen(props: {
  readonly items: readonly AuditEntry[];
  readonly opened: { current: AuditEntry | undefined };
}) {
  const { items, opened } = props;
  const id = query.value.get('entry');
  if (id === null) return null;
  const entry = [...items, opened.current].find(each => each?.id === id);
  if (entry === undefined)
    return (
      <p class="banner banner-warn" role="status">
        <span>The entry of this address is not among those shown. Narrow by time to find it.</span>
        <a href={withQuery({ entry: undefined })}>Leave it</a>
      </p>
    );
  opened.current = entry;
  return <EntryDialog entry={entry} close={() => navigate(withQuery({ entry: undefined }), 'replace')} />;
}

function Filters() {
  const said = query.value;
  const set = (name: string, value: string) =>
    navigate(withQuery({ [name]: value.trim(), after: undefined, entry: undefined }), 'replace');
  const choice = (name: string, label: string, values: readonly string[]) => (
    <label>
      {label}
      <select value={said.get(name) ?? ''} onChange={event => set(name, event.currentTarget.value)}>
        <option value="">all</option>
        {values.map(value => (
          <option key={value} value={value}>
            {value}
          </option>
        ))}
      </select>
    </label>
  );
  const time = (name: string, label: string) => (
    <label>
      {label}
      <input
        type="datetime-local"
        value={toLocal(said.get(name))}
        onChange={event => set(name, toUtc(event.currentTarget.value))}
      />
    </label>
  );
  const chosen = said.get('namespace') ?? undefined;
  const known = rights.value?.namespaces.map(({ namespace }) => namespace) ?? [];
  const namespaces = [...new Set([...known, ...(chosen === undefined ? [] : [chosen])])].toSorted();
  return (
    <form class="filters many" onSubmit={event => event.preventDefault()}>
      <TextFilter label="Person" said={said.get('by') ?? ''} set={value => set('by', value)} />
      <TextFilter label="Action" said={said.get('action') ?? ''} set={value => set('action', value)} />
      {choice('namespace', 'Namespace', namespaces)}
      {choice('outcome', 'Outcome', Object.keys(outcomeTones))}
      {time('since', 'From (your time)')}
      {time('until', 'To')}
    </form>
  );
}

/** The typed text stays while answers come, and gives way to what the address says anew. */
function TextFilter(props: { readonly label: string; readonly said: string; readonly set: (value: string) => void }) {
  const { label, said, set } = props;
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (field.current) field.current.value = said;
  }, [said]);
  return (
    <label>
      {label}
      <input ref={field} type="text" defaultValue={said} onChange={event => set(event.currentTarget.value)} />
    </label>
  );
}

/** For a field of local time, to the minute; the address has UTC. */
function toLocal(utc: string | null): string {
  const at = new Date(utc ?? '');
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function toUtc(local: string): string {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? '' : at.toISOString().replace('.000Z', 'Z');
}

const COLUMNS: readonly Column<AuditEntry>[] = [
  { title: 'When', look: 'once', cell: ({ at }) => <When at={at} /> },
  {
    title: 'Who',
    cell: ({ by }) => (
      <a href={withQuery({ by, after: undefined })} title={`Only entries of ${by}`}>
        {by}
      </a>
    ),
  },
  {
    title: 'What',
    look: 'name',
    cell: entry => (
      <a data-row href={withQuery({ entry: entry.id })}>
        {deedWords(entry)}
      </a>
    ),
  },
  { title: 'Namespace', look: 'once', cell: ({ namespace }) => namespace ?? <span class="faint">–</span> },
  {
    title: 'Outcome',
    cell: entry => (
      <span class="outcome">
        <Badge tone={outcomeTones[entry.outcome]} word={entry.outcome} />
        <span class="faint">{outcomeWords(entry)}</span>
      </span>
    ),
  },
];
