// One operation: how far it is, what became of each item, and the ways to hold it or to end it.
import type { ItemResult, OperationReport } from '../../../admin/commands/operation-view.ts';
import { counted } from '../../../core/units/counted.ts';
import { ask } from '../../api/ask.ts';
import { endpoints } from '../../api/endpoints.ts';
import { allOf } from '../../api/heard.ts';
import { useLive } from '../../api/live.ts';
import { Act } from '../../parts/act.tsx';
import { Badge } from '../../parts/badge.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import type { Tone } from '../../parts/tone.ts';
import { PageHead, View } from '../../parts/view.tsx';
import { When } from '../../parts/when.tsx';
import { namedWords, numberWords, spanWords } from '../../parts/words.ts';
import { linkTo, query, withQuery } from '../../shell/router.ts';
import { actionWords, toneOf } from './action-words.ts';

const OFTEN_MS = 1_000;
const LIMIT = '200';
const TONES: Readonly<Record<ItemResult['outcome'], Tone>> = { done: 'good', refused: 'bad', 'in-doubt': 'warn' };

const COLUMNS: readonly Column<ItemResult>[] = [
  { title: 'Item', look: 'once', cell: ({ id }) => <span class="mono">{id}</span> },
  {
    title: 'Result',
    look: 'once',
    cell: ({ outcome }) => <Badge tone={TONES[outcome]} word={outcome === 'in-doubt' ? 'in doubt' : outcome} />,
  },
  { title: 'Why', look: 'wide', cell: ({ message }) => message ?? '' },
];

export function OperationPage({ namespace, id }: { readonly namespace: string; readonly id: string }) {
  const params = { namespace, id };
  const failed = query.value.get('failed') ?? undefined;
  const after = query.value.get('after') ?? undefined;
  const key = JSON.stringify([namespace, id, failed, after]);
  const operation = useLive(
    `operation ${key}`,
    async signal => {
      const [report, items] = await Promise.all([
        ask(endpoints.operation, { params }, signal),
        ask(endpoints.operationItems, { params, query: { limit: LIMIT, failed, after } }, signal),
      ]);
      return { report, items };
    },
    { on: allOf({ kind: 'Operation', namespace, name: id }), everyMs: OFTEN_MS },
  );
  return (
    <View of={operation}>
      {({ report, items }) => (
        <>
          <Head of={report} again={operation.again} />
          <Progress of={report} />
          <Items items={items.items} next={items.next} failed={failed} report={report} />
        </>
      )}
    </View>
  );
}

function Head({ of, again }: { readonly of: OperationReport; readonly again: () => void }) {
  const { id, action, consumer, state, total } = of;
  const params = { namespace: consumer.namespace, id };
  const change =
    (endpoint: typeof endpoints.pauseOperation | typeof endpoints.resumeOperation | typeof endpoints.stopOperation) =>
    async () => {
      await ask(endpoint, { params });
      again();
    };
  return (
    <PageHead
      title={`${actionWords[action].title} ${counted(total, 'event')} of ${namedWords(consumer)}`}
      over={<a href={linkTo(['operations'])}>Operations</a>}
    >
      {state === 'running' ? (
        <Act verb="operate" namespace={consumer.namespace} act={change(endpoints.pauseOperation)}>
          Pause
        </Act>
      ) : null}
      {state === 'paused' ? (
        <Act verb="operate" namespace={consumer.namespace} look="primary" act={change(endpoints.resumeOperation)}>
          Resume
        </Act>
      ) : null}
      {state === 'running' || state === 'paused' ? (
        <Act verb="operate" namespace={consumer.namespace} look="danger" act={change(endpoints.stopOperation)}>
          Stop
        </Act>
      ) : null}
    </PageHead>
  );
}

function Progress({ of }: { readonly of: OperationReport }) {
  const { state, total, done, refused, inDoubt, left, etaMs, problem, startedAt, endedAt, keptUntil, startBy } = of;
  const rest = etaMs === undefined ? '' : `, about ${spanWords(etaMs)} to go`;
  return (
    <section class="section progress">
      <p class="progress-state">
        <Badge tone={toneOf(of)} word={state} />
        <span>
          {numberWords(done)} done, {numberWords(refused)} refused, {numberWords(inDoubt)} in doubt, {numberWords(left)}{' '}
          left{rest}
        </span>
      </p>
      <progress max={total} value={total - left} aria-label="Items that are done with" />
      {problem === undefined ? null : <p class="banner banner-warn">{problem}</p>}
      <p class="muted">
        {startedAt === undefined ? (
          <>
            Not started; that is possible until <When at={startBy} />.
          </>
        ) : (
          <>
            Started <When at={startedAt} />
            {endedAt === undefined ? (
              ''
            ) : (
              <>
                , ended <When at={endedAt} />
              </>
            )}
            . Its results are deleted <When at={keptUntil} />.
          </>
        )}
      </p>
    </section>
  );
}

function Items(props: {
  readonly items: readonly ItemResult[];
  readonly next: string | undefined;
  readonly failed: string | undefined;
  readonly report: OperationReport;
}) {
  const { items, next, failed, report } = props;
  const { kind, namespace, name } = report.consumer;
  return (
    <section class="section">
      <div class="section-head">
        <h2>Results</h2>
        <a
          class="button small"
          href={withQuery({ failed: failed === undefined ? 'true' : undefined, after: undefined })}
        >
          {failed === undefined ? 'Only those that failed' : 'All results'}
        </a>
      </div>
      {items.length === 0 ? (
        <p class="muted">{failed === undefined ? 'No item was taken yet.' : 'No item has failed.'}</p>
      ) : (
        <Table columns={COLUMNS} rows={items} keyOf={({ id }) => id} />
      )}
      {next === undefined ? null : (
        <a class="button" href={withQuery({ after: next })}>
          Show the next ones
        </a>
      )}
      <p>
        <a href={linkTo(['failures'], { kind, namespace, name })}>See what has failed in {name}</a>
      </p>
    </section>
  );
}
