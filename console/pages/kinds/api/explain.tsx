// Says which route takes a request, and why none before it does. The request is in the address.
import type { ExplainedRoute, RouteExplanation } from '../../../../admin/explain-view.ts';
import { ask } from '../../../api/ask.ts';
import { endpoints } from '../../../api/endpoints.ts';
import { useLive } from '../../../api/live.ts';
import { Badge } from '../../../parts/badge.tsx';
import { type Column, Table } from '../../../parts/table.tsx';
import type { Tone } from '../../../parts/tone.ts';
import { View } from '../../../parts/view.tsx';
import { linkTo, navigate, query, withQuery } from '../../../shell/router.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

export function Explain() {
  const said = query.value;
  const [method, path, host] = [said.get('method') ?? 'GET', said.get('path') ?? '', said.get('host') ?? ''];
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    navigate(withQuery({ method: text('method'), path: text('path'), host: text('host') }), 'replace');
  };
  return (
    <section class="section">
      <h2>Which route takes a request?</h2>
      <form key={`${method} ${host} ${path}`} class="filters" onSubmit={submit}>
        <label>
          Method
          <select name="method" defaultValue={method}>
            {METHODS.map(each => (
              <option key={each} value={each} selected={each === method}>
                {each}
              </option>
            ))}
          </select>
        </label>
        <label>
          Path, with its query
          <input name="path" type="text" required pattern="/.*" title="A path begins with /." defaultValue={path} />
        </label>
        <label>
          Host, if it matters
          <input name="host" type="text" defaultValue={host} />
        </label>
        <button type="submit" class="button">
          Explain
        </button>
      </form>
      {path === '' ? null : <Answer method={method} path={path} host={host} />}
    </section>
  );
}

function Answer({ method, path, host }: { readonly method: string; readonly path: string; readonly host: string }) {
  const asked = { method, path, headers: [], ...(host === '' ? {} : { host }) };
  const answer = useLive(`explain ${JSON.stringify(asked)}`, signal =>
    ask(endpoints.explain, { params: {}, body: asked }, signal),
  );
  return <View of={answer}>{data => <Explained of={data} />}</View>;
}

function Explained({ of }: { readonly of: RouteExplanation }) {
  const { refusal, hidden, candidates, request } = of;
  const taken = candidates.find(({ verdict }) => verdict === 'takes');
  return (
    <>
      <p role="status">
        {taken === undefined ? (
          <>
            <Badge tone="bad" word="no route" />{' '}
            {refusal === undefined
              ? 'A route that you may not see takes it.'
              : `The client gets ${refusal.status}: ${refusal.message}`}
            {refusal?.allowed === undefined ? '' : ` Methods that find a route: ${refusal.allowed.join(', ')}.`}
          </>
        ) : (
          <>
            <Badge tone="good" word="takes it" />{' '}
            <span class="mono">
              {taken.methods.join(', ') || 'any'} {taken.path}
            </span>{' '}
            of {taken.kind} {taken.name}, to {taken.target}
          </>
        )}
      </p>
      <p class="muted">
        Read as <span class="mono">{`${request.method} ${request.host}${request.path}${request.query}`}</span>.
        {hidden === undefined ? '' : ` ${hidden.routes} more routes are in namespaces that you may not view.`}
      </p>
      {candidates.length === 0 ? null : (
        <Table columns={COLUMNS} rows={candidates} keyOf={each => `${candidates.indexOf(each)}`} />
      )}
    </>
  );
}

const VERDICTS: Readonly<Record<ExplainedRoute['verdict'], readonly [Tone, string]>> = {
  takes: ['good', 'takes it'],
  'passed-over': ['quiet', 'passed over'],
  'not-reached': ['quiet', 'not reached'],
};

/** In the order in which they are tried. */
const COLUMNS: readonly Column<ExplainedRoute>[] = [
  {
    title: 'Verdict',
    look: 'once',
    cell: ({ verdict }) => <Badge tone={VERDICTS[verdict][0]} word={VERDICTS[verdict][1]} />,
  },
  {
    title: 'Route',
    look: 'name',
    cell: ({ kind, namespace, name, methods, path }) => (
      <div>
        <span class="mono">
          {methods.join(', ') || 'any'} {path}
        </span>
        <div class="faint">
          <a data-row href={linkTo(['resources', kind, namespace, name])}>
            {kind} {name}
          </a>
        </div>
      </div>
    ),
  },
  {
    title: 'Checks',
    look: 'wide',
    cell: ({ checks }) => (
      <ul class="checks">
        {checks.map(({ says, holds }) => (
          <li key={says} class={holds ? 'muted' : 'bad'}>
            {holds ? '✓' : '✗'} {says}
          </li>
        ))}
      </ul>
    ),
  },
  { title: 'Leads to', cell: ({ target }) => target },
];
