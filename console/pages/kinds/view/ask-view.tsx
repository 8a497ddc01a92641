// Asks a View for rows, as its clients do. The question is in the address.
import { useState } from 'preact/hooks';
import type { ViewRows } from '../../../../admin/asking/ask-view.ts';
import { counted } from '../../../../core/units/counted.ts';
import { ApiError, ask } from '../../../api/ask.ts';
import { endpoints } from '../../../api/endpoints.ts';
import { useLive } from '../../../api/live.ts';
import { Figure } from '../../../parts/figure.tsx';
import { JsonTree } from '../../../parts/json-tree.tsx';
import { type Column, Table } from '../../../parts/table.tsx';
import { Empty, View } from '../../../parts/view.tsx';
import { When } from '../../../parts/when.tsx';
import { numberWords } from '../../../parts/words.ts';
import { linkTo, navigate, path, query } from '../../../shell/router.ts';
import type { KindPartProps } from '../kind-props.ts';
import { type Facet, Facets, type Total } from './facets.tsx';
import { type Field, type Pair, toQuery, type WayToAsk, waysToAsk } from './ways-to-ask.ts';

/** An answer may read many rows: not at each event. */
const EVERY_MS = 30_000;

export function AskView({ namespace, name, manifest }: KindPartProps) {
  const ways = waysToAsk(manifest);
  const said = query.value;
  const way = ways.find(({ id }) => id === said.get('by')) ?? ways[0];
  if (way === undefined) return null;
  const question = questionOf(way, said);
  return (
    <section class="section">
      <h2>Rows</h2>
      <Form key={said.toString()} ways={ways} way={way} />
      {question instanceof Error ? (
        <p class="banner banner-warn" role="alert">
          {question.message}
        </p>
      ) : question === undefined ? (
        <p class="muted">Ask for rows as a client would. The page looks again every 30 s.</p>
      ) : (
        <Answer key={JSON.stringify(question)} namespace={namespace} name={name} way={way} pairs={question} />
      )}
    </section>
  );
}

/** Undefined while nothing is asked. */
function questionOf(way: WayToAsk, said: URLSearchParams): readonly Pair[] | Error | undefined {
  if (said.get('by') === null) return undefined;
  try {
    return toQuery(way, name => said.get(name) ?? '');
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function Form({ ways, way }: { readonly ways: readonly WayToAsk[]; readonly way: WayToAsk }) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const form = new FormData(event.currentTarget);
    const values = way.fields.map(({ name }) => [name, String(form.get(name) ?? '').trim()] as const);
    navigate(linkTo(path.value, { by: way.id, ...Object.fromEntries(values) }), 'replace');
  };
  return (
    <form class="filters" onSubmit={submit}>
      {ways.length < 2 ? null : (
        <label>
          Ask for
          <select
            value={way.id}
            onChange={event => navigate(linkTo(path.value, { by: event.currentTarget.value }), 'replace')}
          >
            {ways.map(({ id, label }) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
        </label>
      )}
      {way.fields.map(field => (
        <Input key={field.name} of={field} />
      ))}
      <button type="submit" class="button">
        Ask
      </button>
    </form>
  );
}

function Input({ of: { name, label, isNeeded = false, choices, hint, hasLines = false } }: { readonly of: Field }) {
  const value = query.value.get(name) ?? '';
  if (hasLines)
    return (
      <label>
        {label}
        <textarea name={name} rows={3} required={isNeeded} placeholder={hint} defaultValue={value} />
      </label>
    );
  if (choices === undefined)
    return (
      <label>
        {label}
        <input name={name} type="text" required={isNeeded} placeholder={hint} defaultValue={value} />
      </label>
    );
  return (
    <label>
      {label}
      <select name={name} defaultValue={value}>
        {choices.map(choice => (
          <option key={choice} value={choice} selected={choice === value}>
            {choice}
          </option>
        ))}
      </select>
    </label>
  );
}

interface AnswerProps {
  readonly namespace: string;
  readonly name: string;
  readonly way: WayToAsk;
  readonly pairs: readonly Pair[];
}

function Answer({ namespace, name, way, pairs }: AnswerProps) {
  /** The ends of the pages before this one. */
  const [trail, setTrail] = useState<readonly string[]>([]);
  const after = trail.at(-1);
  const asked = after === undefined ? pairs : [...pairs, ['after', after] as const];
  const params = { namespace, name };
  const rows = useLive(
    `rows of ${namespace}/${name} ${JSON.stringify(asked)}`,
    signal =>
      ask(endpoints.queryView, { params, body: { query: asked } }, signal).catch((error: unknown) => {
        if (error instanceof ApiError && error.status === 404) return { none: error.message };
        throw error;
      }),
    { everyMs: EVERY_MS },
  );
  return (
    <View of={rows}>
      {data =>
        'none' in data ? (
          <Empty title="There is no such row">
            <p>{data.none}</p>
          </Empty>
        ) : (
          <>
            <Freshness of={data} />
            {way.isList ? <Rows of={data.answer} trail={trail} go={setTrail} /> : <One of={data.answer} />}
          </>
        )
      }
    </View>
  );
}

function Freshness({ of: { asOf, behind } }: { readonly of: ViewRows }) {
  if (asOf === undefined) return null;
  return (
    <p class="muted">
      It has all events up to <When at={asOf} />
      {behind === undefined || behind === 0 ? '.' : `; ${counted(behind, 'record')} are on their way.`}
    </p>
  );
}

/** A row, or the number of rows that a question finds. */
function One({ of }: { readonly of: unknown }) {
  const count = typeof of === 'object' && of !== null && 'count' in of ? of.count : undefined;
  const isCount = query.value.get('by')?.startsWith('count:') === true;
  if (!isCount || typeof count !== 'number') return <JsonTree value={of} />;
  return (
    <dl class="figures">
      <Figure title="Rows" value={numberWords(count)} />
    </dl>
  );
}

interface Item {
  readonly key?: string;
  readonly member?: string;
  readonly id?: string;
  readonly value?: unknown;
  readonly [other: string]: unknown;
}

interface Found {
  readonly items?: readonly Item[];
  readonly next?: string;
  /** Of a search. */
  readonly total?: Total;
  readonly facets?: Readonly<Record<string, Facet>>;
}

interface RowsProps {
  readonly of: unknown;
  readonly trail: readonly string[];
  readonly go: (trail: readonly string[]) => void;
}

function Rows({ of, trail, go }: RowsProps) {
  const { items = [], next, total, facets = {} } = of as Found;
  const pages = (
    <p class="pages">
      {trail.length === 0 ? null : (
        <button type="button" class="button" onClick={() => go(trail.slice(0, -1))}>
          Page before
        </button>
      )}
      {next === undefined ? null : (
        <button type="button" class="button" onClick={() => go([...trail, next])}>
          Next page
        </button>
      )}
    </p>
  );
  if (items.length === 0)
    return (
      <>
        <Facets of={facets} total={total} />
        <Empty title="No row matches" />
        {pages}
      </>
    );
  return (
    <>
      <Facets of={facets} total={total} />
      <Table columns={COLUMNS} rows={items} keyOf={item => nameOf(item)} />
      {pages}
    </>
  );
}

function nameOf({ key, member, id }: Item): string {
  return String(key ?? member ?? id ?? '');
}

/** The rank of a member, the time of an entry, and what else stands beside the value. */
function besides({ key: _1, member: _2, id: _3, value: _4, ...rest }: Item): string {
  return Object.entries(rest)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' · ');
}

const COLUMNS: readonly Column<Item>[] = [
  {
    title: 'Row',
    look: 'name',
    cell: item => (
      <div>
        {nameOf(item)}
        <div class="faint">{besides(item)}</div>
      </div>
    ),
  },
  { title: 'Value', look: 'wide', cell: ({ value }) => (value === undefined ? '–' : <JsonTree value={value} />) },
];
