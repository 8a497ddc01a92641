// One job of a FanOut: how far it is, its items as a map, and each that failed with its cause.
import type { FailedItem, FanOutSummary } from '../../../../admin/fan-out-view.ts';
import { counted } from '../../../../core/units/counted.ts';
import { ask } from '../../../api/ask.ts';
import { endpoints } from '../../../api/endpoints.ts';
import { allOf } from '../../../api/heard.ts';
import { useLive } from '../../../api/live.ts';
import { Act } from '../../../parts/act.tsx';
import { Badge } from '../../../parts/badge.tsx';
import { Figure } from '../../../parts/figure.tsx';
import { JsonTree } from '../../../parts/json-tree.tsx';
import { type Column, Table } from '../../../parts/table.tsx';
import { View } from '../../../parts/view.tsx';
import { When } from '../../../parts/when.tsx';
import { causeWords, numberWords } from '../../../parts/words.ts';
import { linkTo, query, withQuery } from '../../../shell/router.ts';
import { CancelJob } from '../cancel-job.tsx';
import { hasEnded, toneOfJob } from '../job-words.ts';
import { ItemMap } from './item-map.tsx';
import { SlowestItems } from './slowest-items.tsx';

const SQUARES = '500';
const STEP = 50;
const MOST = 1000;
/** A story takes more reading than a state. */
const STORY_EVERY_MS = 30_000;

interface JobName {
  readonly namespace: string;
  readonly fanOut: string;
  readonly id: string;
}

export function FanOutJobPart(params: JobName) {
  const { namespace, fanOut, id } = params;
  const limit = query.value.get('failed') ?? String(STEP);
  const key = `${namespace}/${fanOut}/${id}`;
  const on = { on: allOf({ kind: 'FanOut', namespace, name: fanOut }) };
  // Each is shown also where another one cannot be read.
  const job = useLive(`fan-out job ${key}`, signal => ask(endpoints.fanOutJob, { params }, signal), on);
  const isThere = job.data !== undefined;
  const items = useLive(
    `fan-out items ${key}`,
    signal => ask(endpoints.fanOutItems, { params, query: { groups: SQUARES } }, signal),
    on,
  );
  const failed = useLive(
    `fan-out failed ${key} ${limit}`,
    signal => ask(endpoints.fanOutFailed, { params, query: { limit } }, signal),
    on,
  );
  const story = useLive(
    `fan-out story ${key} ${job.data?.state}`,
    isThere ? signal => ask(endpoints.fanOutStory, { params }, signal) : undefined,
    { everyMs: STORY_EVERY_MS },
  );
  const again = () => {
    for (const each of [job, items, failed, story]) each.again();
  };
  return (
    <section class="section" aria-labelledby="job-title">
      <div class="section-head">
        <h2 id="job-title">
          Job <span class="mono">{id}</span>
        </h2>
        <a class="button small ghost" href={withQuery({ job: undefined, failed: undefined })}>
          Close
        </a>
      </div>
      <View of={job}>{data => <JobFigures of={data} params={params} again={again} />}</View>
      {isThere ? (
        <>
          <View of={items}>{data => <ItemMap of={data} />}</View>
          <View of={failed}>
            {data => <FailedItems items={data.items} hasMore={data.next !== undefined} job={params} />}
          </View>
          <View of={story}>{data => <SlowestItems items={data.items} />}</View>
        </>
      ) : null}
      {job.data?.result?.body === undefined ? null : (
        <>
          <h3>Result</h3>
          <JsonTree value={job.data.result.body} />
        </>
      )}
    </section>
  );
}

function JobFigures(props: { readonly of: FanOutSummary; readonly params: JobName; readonly again: () => void }) {
  const { of, params, again } = props;
  const { state, items, acceptedAt, finishedAt, deadline, redriven, error, cause } = of;
  const { succeeded, failed, total, divided } = items;
  const act = (endpoint: typeof endpoints.redriveFanOutJob | typeof endpoints.cancelFanOutJob) => async () => {
    await ask(endpoint, { params });
    again();
  };
  const why = cause === undefined ? error?.message : causeWords({ cause });
  return (
    <div class="progress">
      <progress max={Math.max(1, total)} value={succeeded + failed} aria-label="Items that have ended" />
      <dl class="figures">
        <Figure title="State" value={<Badge tone={toneOfJob[state]} word={state} />} />
        <Figure
          title="Items ended"
          value={`${numberWords(succeeded + failed)} of ${divided ? '' : 'at least '}${numberWords(total)}`}
        />
        <Figure title="Began" value={<When at={acceptedAt} />} />
        {deadline === undefined ? (
          <Figure title="Ended" value={<When at={finishedAt} />} />
        ) : (
          <Figure title="Ends at the latest" value={<When at={deadline} />} />
        )}
        <Figure title="Redriven" value={redriven === 0 ? 'never' : counted(redriven, 'time')} />
      </dl>
      {why === undefined ? null : <p class="cause">{why}</p>}
      <div class="finding-mend">
        {state === 'failed' || state === 'expired' ? (
          <Act verb="operate" namespace={params.namespace} look="primary" act={act(endpoints.redriveFanOutJob)}>
            Try what failed again
          </Act>
        ) : null}
        {hasEnded(of) || state === 'unknown' ? null : (
          <CancelJob namespace={params.namespace} cancel={act(endpoints.cancelFanOutJob)}>
            Items that have not begun by then never begin, and nothing is gathered. What others have done stays.
          </CancelJob>
        )}
      </div>
    </div>
  );
}

function FailedItems(props: {
  readonly items: readonly FailedItem[];
  readonly hasMore: boolean;
  readonly job: JobName;
}) {
  const { items, hasMore, job } = props;
  if (items.length === 0) return null;
  return (
    <>
      <h3>What failed</h3>
      <Table columns={columnsOf(job)} rows={items} keyOf={({ index }) => String(index)} />
      {!hasMore ? null : items.length < MOST ? (
        <a class="button" href={withQuery({ failed: String(Math.min(MOST, items.length * 4)) })}>
          Show more
        </a>
      ) : (
        <p class="banner">The first {MOST} are shown. Trying again what failed takes the others, too.</p>
      )}
    </>
  );
}

function columnsOf({ namespace, fanOut }: JobName): readonly Column<FailedItem>[] {
  return [
    { title: 'Item', look: 'number', cell: ({ index }) => numberWords(index) },
    {
      title: 'Cause',
      look: 'wide',
      cell: ({ error }) => causeWords({ error: error.message, ...(error.cause && { cause: error.cause }) }),
    },
    { title: 'Reason', cell: ({ reason }) => reason },
    { title: 'Attempts', look: 'number', cell: ({ attempts }) => attempts },
    {
      title: 'Its event',
      look: 'once',
      cell: ({ letter }) =>
        letter === undefined ? (
          <span class="faint">a job of its own</span>
        ) : (
          <a data-row href={linkTo(['failures', 'letters'], { kind: 'FanOut', namespace, name: fanOut, letter })}>
            Open
          </a>
        ),
    },
  ];
}
