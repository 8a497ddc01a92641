// Lists the resources of all kinds with their conditions: filtered and sorted as the address says.
import { useMemo, useRef } from 'preact/hooks';
import type { BriefResource, List } from '../../../admin/api.ts';
import { counted } from '../../../core/units/counted.ts';
import { kindNames } from '../../../resources/kinds/kind-names.ts';
import { ask } from '../../api/ask.ts';
import type { Change } from '../../api/changes.ts';
import { endpoints } from '../../api/endpoints.ts';
import { wholeOf } from '../../api/heard.ts';
import { useLive } from '../../api/live.ts';
import { Badge } from '../../parts/badge.tsx';
import { compareTexts, firstOf } from '../../parts/first-of.ts';
import { sortHead } from '../../parts/sort-head.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { TextInAddress } from '../../parts/text-in-address.tsx';
import { Empty, PageHead, View } from '../../parts/view.tsx';
import { When } from '../../parts/when.tsx';
import { linkTo, navigate, query, withQuery } from '../../shell/router.ts';
import { rankOf, stateOf } from './condition-words.ts';

const TITLES = {
  state: 'Health',
  reason: 'Reason',
  name: 'Name',
  kind: 'Kind',
  namespace: 'Namespace',
  age: 'Age',
  message: 'What it says',
} as const;
type Answer = List<BriefResource>;
type Order = keyof typeof TITLES;
/** Rows that a browser lays out without a pause; the page says what is left out. */
const MOST_ROWS = 500;

export function ResourcesPage() {
  const said = query.value;
  const [kind, namespace] = [said.get('kind') ?? undefined, said.get('namespace') ?? undefined];
  const resources = useLive(
    'resources',
    signal => ask(endpoints.resources, { params: {}, query: { brief: 'true' } }, signal),
    {
      on: wholeOf('resource'),
      apply: withChanges,
    },
  );
  return (
    <>
      <PageHead title="Resources" />
      <View of={resources}>
        {({ items }) => {
          const namespaces = [...new Set(items.map(each => each.namespace))].toSorted();
          const there = new Set(items.map(each => each.kind));
          const kinds = kindNames.filter(each => there.has(each));
          const text = (said.get('q') ?? '').toLowerCase();
          const found = items.filter(
            each =>
              (kind === undefined || each.kind === kind) &&
              (namespace === undefined || each.namespace === namespace) &&
              (text === '' || `${each.kind} ${each.name}`.toLowerCase().includes(text)),
          );
          return (
            <>
              <Filters kinds={kinds} namespaces={namespaces} />
              <Found items={found} />
            </>
          );
        }}
      </View>
    </>
  );
}

/** A list of ten thousand is not asked for anew because one of them changed. */
function withChanges({ items }: Answer, changes: readonly Change[]): Answer {
  const found = new Map(items.map(each => [keyOf(each), each]));
  for (const { kind, namespace = '', name, value } of changes) {
    if (value === undefined) found.delete(keyOf({ kind, namespace, name }));
    else found.set(keyOf({ kind, namespace, name }), value as BriefResource);
  }
  return { items: [...found.values()] };
}

function keyOf({ kind, namespace, name }: Pick<BriefResource, 'kind' | 'namespace' | 'name'>): string {
  return `${kind} ${namespace} ${name}`;
}

function Filters(props: { readonly kinds: readonly string[]; readonly namespaces: readonly string[] }) {
  const said = query.value;
  const choice = (name: string, label: string, values: readonly string[]) => (
    <label>
      {label}
      <select
        value={said.get(name) ?? ''}
        onChange={event => navigate(withQuery({ [name]: event.currentTarget.value }), 'replace')}
      >
        <option value="">all</option>
        {values.map(value => (
          <option key={value} value={value}>
            {value}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <form class="filters" onSubmit={event => event.preventDefault()}>
      <TextInAddress name="q" label="Name" />
      {choice('kind', 'Kind', props.kinds)}
      {props.namespaces.length < 2 ? null : choice('namespace', 'Namespace', props.namespaces)}
    </form>
  );
}

function Found({ items }: { readonly items: readonly BriefResource[] }) {
  const by = (query.value.get('sort') ?? 'state') as Order;
  const isDown = query.value.get('down') === 'true';
  const first = useSame(firstOf(items, MOST_ROWS, (one, other) => compare(one, other, by) * (isDown ? -1 : 1)));
  const address = query.value.toString();
  // Changes of resources that are not shown draw no row anew.
  const table = useMemo(
    () => <Table columns={columnsOf(by, isDown)} rows={first} keyOf={keyOf} />,
    [first, by, isDown, address],
  );
  if (items.length === 0) return <NoneFound />;
  return (
    <>
      <p class="muted count">{counted(items.length, 'resource')}</p>
      {table}
      {items.length > MOST_ROWS ? (
        <p class="banner">
          The first {MOST_ROWS} of {items.length} are shown. Choose a kind, or type a part of the name.
        </p>
      ) : null}
    </>
  );
}

function NoneFound() {
  return (
    <Empty title="No resource matches">
      <p>
        <a href={linkTo(['resources'])}>Show all resources</a>
      </p>
    </Empty>
  );
}

/** The list of before where it has the same members. */
function useSame<T>(list: readonly T[]): readonly T[] {
  const before = useRef(list);
  const { current } = before;
  const isSame = current.length === list.length && current.every((one, at) => one === list[at]);
  if (!isSame) before.current = list;
  return before.current;
}

function columnsOf(by: Order, isDown: boolean): readonly Column<BriefResource>[] {
  const head = (name: Order) => sortHead(name, TITLES[name], by, isDown);
  const badge = ({ conditions }: BriefResource) => {
    const { tone, health } = stateOf(conditions);
    return <Badge tone={tone} word={health} />;
  };
  return [
    { ...head('state'), look: 'once', cell: badge },
    {
      ...head('name'),
      look: 'name',
      cell: ({ kind, namespace, name }) => (
        <a data-row href={linkTo(['resources', kind, namespace, name])}>
          {name}
        </a>
      ),
    },
    { ...head('reason'), look: 'once', cell: ({ conditions }) => stateOf(conditions).word },
    { ...head('kind'), cell: ({ kind }) => kind },
    { ...head('namespace'), cell: ({ namespace }) => namespace },
    { ...head('age'), look: 'once', cell: ({ since }) => <When at={since} how="age" /> },
    {
      ...head('message'),
      look: 'wide',
      cell: ({ conditions }) => <span class="muted">{stateOf(conditions).message}</span>,
    },
  ];
}

function compare(one: BriefResource, other: BriefResource, by: Order): number {
  const names = compareTexts(one.name, other.name);
  if (by === 'state') return rankOf(one.conditions) - rankOf(other.conditions) || names;
  if (by === 'message' || by === 'reason') {
    const word = ({ conditions }: BriefResource) => stateOf(conditions)[by === 'reason' ? 'word' : 'message'];
    return compareTexts(word(one), word(other)) || names;
  }
  // The youngest comes first, and one of unknown age last.
  if (by === 'age') return compareTexts(other.since ?? '', one.since ?? '') || names;
  return compareTexts(one[by], other[by]) || names;
}
