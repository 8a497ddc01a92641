// The page of an Aggregate says which of its parts fails, which is slow, and which makes the answer
// late: over its newest requests, and in each of them.
import type { AggregateRequests } from '../../../../admin/platform-view.ts';
import { counted } from '../../../../core/units/counted.ts';
import type { PartSummary, RequestReport } from '../../../../gateway/plan/requests-report.ts';
import { ask } from '../../../api/ask.ts';
import { endpoints } from '../../../api/endpoints.ts';
import { useLive } from '../../../api/live.ts';
import { type Column, Table } from '../../../parts/table.tsx';
import { Empty, View } from '../../../parts/view.tsx';
import { When } from '../../../parts/when.tsx';
import { msWords, numberWords } from '../../../parts/words.ts';
import { query, withQuery } from '../../../shell/router.ts';
import type { KindPartProps } from '../kind-props.ts';
import { keyOfRequest, percentOf } from './part-words.ts';
import { Ended, Waterfall } from './waterfall.tsx';

export function AggregatePart({ namespace, name, manifest }: KindPartProps) {
  const requests = useLive(
    `requests of aggregate ${namespace}/${name}`,
    signal => ask(endpoints.aggregateRequests, { params: { namespace, name } }, signal),
    { isUntold: true },
  );
  return (
    <View of={requests}>
      {data => (
        <>
          {data.counted === 0 ? (
            <NoRequests of={data} />
          ) : (
            <Requests of={data} namespace={namespace} answeredBy={answeringFunction(manifest)} />
          )}
          <Origin of={data} />
        </>
      )}
    </View>
  );
}

function answeringFunction(manifest: unknown): string | undefined {
  const { spec } = manifest as { readonly spec?: { readonly response?: { readonly function?: string } } };
  return spec?.response?.function;
}

function NoRequests({ of: { process } }: { readonly of: AggregateRequests }) {
  return (
    <section class="section">
      <h2>Parts</h2>
      <Empty title="No request is known here">
        {process.role === 'worker' ? (
          <p>This process answers no requests. Open the Console of a gateway, which answers them.</p>
        ) : (
          <p>The parts of a request show here once the process that answers this page has answered one.</p>
        )}
      </Empty>
    </section>
  );
}

/** A process knows of its own requests alone. */
function Origin({ of: { process } }: { readonly of: AggregateRequests }) {
  return (
    <p class="faint section">
      These are requests of the {process.role} process on <span class="mono">{process.host}</span>, which started{' '}
      <When at={process.startedAt} />. It keeps the newest 100 requests, and the 10 slowest of the last hour. Other
      processes have their own.
    </p>
  );
}

interface RequestsProps {
  readonly of: AggregateRequests;
  readonly namespace: string;
  readonly answeredBy: string | undefined;
}

function Requests({ of, namespace, answeredBy }: RequestsProps) {
  const wanted = query.value.get('request');
  const isSlowest = query.value.get('show') === 'slowest';
  const listed = isSlowest ? of.slowest : of.newest;
  const all = [...of.newest, ...of.slowest];
  const shown = wanted === null ? listed[0] : all.find(each => keyOfRequest(each) === wanted);
  return (
    <>
      <section class="section">
        <h2>Parts</h2>
        <p class="muted">Over the newest {counted(of.counted, 'request')}.</p>
        <Table columns={summaryColumns(of.counted)} rows={of.parts} keyOf={({ name }) => name} />
      </section>
      <section class="section" aria-label="Waterfall">
        <div class="section-head">
          <h2>{wanted !== null ? 'One request' : isSlowest ? 'The slowest request' : 'The newest request'}</h2>
          {wanted === null ? null : (
            <a class="button" href={withQuery({ request: undefined })}>
              Show the {isSlowest ? 'slowest' : 'newest'} one
            </a>
          )}
        </div>
        {shown === undefined ? (
          <p class="muted">This process keeps that request no longer, or another process has it.</p>
        ) : (
          <Waterfall of={shown} namespace={namespace} answeredBy={answeredBy} />
        )}
      </section>
      <section class="section">
        <div class="section-head">
          <h2>{isSlowest ? 'The slowest requests of the last hour' : 'The newest requests'}</h2>
          <a class="button" href={withQuery({ show: isSlowest ? undefined : 'slowest', request: undefined })}>
            Show the {isSlowest ? 'newest' : 'slowest'} ones
          </a>
        </div>
        <Table columns={REQUESTS} rows={listed} keyOf={keyOfRequest} />
      </section>
    </>
  );
}

function summaryColumns(requests: number): readonly Column<PartSummary>[] {
  return [
    { title: 'Part', look: 'name', cell: ({ name }) => <strong>{name}</strong> },
    { title: 'Calls', look: 'number', cell: ({ calls }) => numberWords(calls) },
    { title: 'Half took at most', look: 'number', cell: ({ p50Ms }) => timeOf(p50Ms) },
    { title: '95% took at most', look: 'number', cell: ({ p95Ms }) => timeOf(p95Ms) },
    {
      title: 'Failed',
      look: 'number',
      cell: ({ failed, calls }) => <span class={failed > 0 ? 'bad' : ''}>{percentOf(failed, calls)}</span>,
    },
    { title: 'Made the answer late', look: 'number', cell: ({ critical }) => percentOf(critical, requests) },
  ];
}

function timeOf(ms: number | undefined): string {
  return ms === undefined ? '–' : msWords(ms);
}

const REQUESTS: readonly Column<RequestReport>[] = [
  {
    title: 'Came',
    look: 'once',
    cell: request => (
      <a data-row href={withQuery({ request: keyOfRequest(request) })}>
        <When at={request.at} />
      </a>
    ),
  },
  { title: 'Took', look: 'number', cell: ({ tookMs }) => msWords(tookMs) },
  { title: 'Answer', look: 'once', cell: request => <Ended of={request} /> },
  {
    title: 'Late by',
    look: 'wide',
    cell: ({ parts }) => parts.flatMap(({ name, critical }) => (critical ? [name] : [])).join(', ') || '–',
  },
];
