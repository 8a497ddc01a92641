// Lists schedules: when each runs next, how its newest run ended, and how many runs were left out.
import type { ScheduleReport } from '../../../admin/commands/schedule-view.ts';
import { ask } from '../../api/ask.ts';
import { endpoints } from '../../api/endpoints.ts';
import { useLive } from '../../api/live.ts';
import { Badge } from '../../parts/badge.tsx';
import { ChoiceInAddress } from '../../parts/choice.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Empty, PageHead, View } from '../../parts/view.tsx';
import { When } from '../../parts/when.tsx';
import { namedWords } from '../../parts/words.ts';
import { linkTo, query, withQuery } from '../../shell/router.ts';
import { kindsWithSchedules, leftOutCount, outcomeOfRun, stateOfSchedule } from './schedule-words.ts';

const LIMIT = '100';

export function ScheduleList() {
  const [kind, namespace, name, after] = ['kind', 'namespace', 'name', 'after'].map(
    each => query.value.get(each) ?? undefined,
  );
  const asked = { kind, namespace, name, after, limit: LIMIT };
  const schedules = useLive(
    `schedules ${JSON.stringify(asked)}`,
    signal => ask(endpoints.schedules, { params: {}, query: asked }, signal),
    { isUntold: true },
  );
  const isFiltered = [kind, namespace, name, after].some(each => each !== undefined);
  return (
    <>
      <PageHead title="Schedules" />
      <form class="filters" onSubmit={event => event.preventDefault()}>
        <ChoiceInAddress name="kind" label="Kind" values={kindsWithSchedules} drops={['name', 'after']} />
      </form>
      <View of={schedules}>
        {({ items, next }) =>
          items.length === 0 ? (
            <NoSchedules isFiltered={isFiltered} />
          ) : (
            <>
              <Table columns={COLUMNS} rows={items} keyOf={keyOf} />
              {next === undefined ? null : (
                <a class="button" href={withQuery({ after: next })}>
                  Show more
                </a>
              )}
            </>
          )
        }
      </View>
    </>
  );
}

function NoSchedules({ isFiltered }: { readonly isFiltered: boolean }) {
  return (
    <Empty title={isFiltered ? 'No schedule matches' : 'Nothing runs by the clock'}>
      {isFiltered ? (
        <p>
          <a href={linkTo(['schedules'])}>Show all schedules</a>
        </p>
      ) : (
        <p>
          A Topic, a Queue or a FanOut runs at the times of a cron pattern once it has <code>schedules</code>.
        </p>
      )}
    </Empty>
  );
}

function keyOf({ kind, namespace, name, schedule }: ScheduleReport): string {
  return `${kind}/${namespace}/${name}/${schedule}`;
}

const COLUMNS: readonly Column<ScheduleReport>[] = [
  {
    title: 'Schedule',
    look: 'name',
    cell: ({ kind, namespace, name, schedule }) => (
      <a data-row href={linkTo(['schedules', kind, namespace, name, schedule])}>
        {schedule}
      </a>
    ),
  },
  { title: 'Of', cell: namedWords },
  {
    title: 'State',
    look: 'once',
    cell: of => <Badge {...stateOfSchedule(of)} />,
  },
  { title: 'Next', look: 'once', cell: ({ next: [first] }) => <When at={first} /> },
  {
    title: 'Due',
    look: 'once',
    cell: ({ cron, timeZone }) => (
      <span>
        <span class="mono">{cron}</span> <span class="muted">{timeZone}</span>
      </span>
    ),
  },
  {
    title: 'Newest run',
    look: 'once',
    cell: ({ runs: [run] }) =>
      run === undefined ? (
        <span class="faint">–</span>
      ) : (
        <span>
          <Badge {...outcomeOfRun(run)} />{' '}
          <span class="muted">
            <When at={run.at} />
          </span>
        </span>
      ),
  },
  {
    title: 'Left out',
    look: 'number',
    cell: ({ leftOut }) => (leftOut.length === 0 ? <span class="faint">0</span> : leftOutCount(leftOut)),
  },
];
