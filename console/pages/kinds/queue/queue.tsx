// The page of a Queue lists its jobs, and says what became of each.
import type { JobSummary } from '../../../../admin/job-view.ts';
import { ask } from '../../../api/ask.ts';
import { endpoints } from '../../../api/endpoints.ts';
import { allOf } from '../../../api/heard.ts';
import { useLive } from '../../../api/live.ts';
import { Badge } from '../../../parts/badge.tsx';
import { ChoiceInAddress } from '../../../parts/choice.tsx';
import { type Column, Table } from '../../../parts/table.tsx';
import { Empty, View } from '../../../parts/view.tsx';
import { When } from '../../../parts/when.tsx';
import { causeWords } from '../../../parts/words.ts';
import { query, withQuery } from '../../../shell/router.ts';
import { queueJobStates, toneOfJob } from '../job-words.ts';
import type { KindPartProps } from '../kind-props.ts';
import { QueueJobDialog } from './queue-job-dialog.tsx';

const LIMIT = '50';

export function QueuePart({ namespace, name }: KindPartProps) {
  const [job, state, after] = ['job', 'state', 'after'].map(each => query.value.get(each) ?? undefined);
  const jobs = useLive(
    `jobs of queue ${namespace}/${name} ${state} ${after}`,
    signal =>
      ask(endpoints.jobs, { params: {}, query: { namespace, queue: name, state, limit: LIMIT, after } }, signal),
    { on: allOf({ kind: 'Queue', namespace, name }) },
  );
  return (
    <section class="section">
      <h2>Jobs</h2>
      <form class="filters" onSubmit={event => event.preventDefault()}>
        <ChoiceInAddress name="state" label="State" values={queueJobStates} drops={['after']} />
      </form>
      <View of={jobs}>
        {({ items, next }) => (
          <>
            {items.length === 0 ? (
              <NoQueueJobs isFiltered={state !== undefined || after !== undefined} />
            ) : (
              <Table columns={COLUMNS} rows={items} keyOf={({ id }) => id} />
            )}
            {next === undefined ? null : (
              <a class="button" href={withQuery({ after: next })}>
                Show older ones
              </a>
            )}
          </>
        )}
      </View>
      {job === undefined ? null : <QueueJobDialog namespace={namespace} queue={name} id={job} changed={jobs.again} />}
    </section>
  );
}

function NoQueueJobs({ isFiltered }: { readonly isFiltered: boolean }) {
  return (
    <Empty title={isFiltered ? 'No job matches' : 'No job is here'}>
      {isFiltered ? (
        <p>
          <a href={withQuery({ state: undefined, after: undefined })}>Show all jobs</a>
        </p>
      ) : (
        <p>A job comes by a route or a Subscription that leads here. The graph shows them.</p>
      )}
    </Empty>
  );
}

const COLUMNS: readonly Column<JobSummary>[] = [
  {
    title: 'Job',
    look: 'name',
    cell: ({ id }) => (
      <a data-row href={withQuery({ job: id })}>
        {id}
      </a>
    ),
  },
  { title: 'State', look: 'once', cell: ({ state }) => <Badge tone={toneOfJob[state]} word={state} /> },
  { title: 'Attempts', look: 'number', cell: ({ attempts }) => attempts },
  { title: 'Why', look: 'wide', cell: job => causeWords(job) || <span class="faint">–</span> },
  { title: 'Queued', look: 'once', cell: ({ queuedAt }) => <When at={queuedAt} /> },
  { title: 'Ended', look: 'once', cell: ({ finishedAt }) => <When at={finishedAt} /> },
];
