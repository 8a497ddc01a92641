// One schedule: its next times, what became of its runs, what was left out and why; runs by hand,
// pauses and their ends.
import { useState } from 'preact/hooks';
import type {
  LeftOutRuns,
  ScheduleAction,
  ScheduledRun,
  ScheduleReport,
} from '../../../admin/commands/schedule-view.ts';
import { ask } from '../../api/ask.ts';
import { endpoints } from '../../api/endpoints.ts';
import { useLive } from '../../api/live.ts';
import { Act } from '../../parts/act.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Figure } from '../../parts/figure.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { PageHead, View } from '../../parts/view.tsx';
import { When } from '../../parts/when.tsx';
import { namedWords, numberWords } from '../../parts/words.ts';
import { linkTo } from '../../shell/router.ts';
import { ActionDialog } from './action-dialog.tsx';
import type { ScheduleParams } from './schedule-params.ts';
import {
  actWords,
  causeOfRun,
  leftOutCount,
  linkOfRun,
  outcomeOfRun,
  stateOfSchedule,
  whyLeftOut,
} from './schedule-words.ts';

export function SchedulePage({ params }: { readonly params: ScheduleParams }) {
  const [action, setAction] = useState<ScheduleAction | undefined>(undefined);
  const { kind, namespace, name, schedule } = params;
  const loaded = useLive(`schedule ${JSON.stringify(params)}`, signal => ask(endpoints.schedule, { params }, signal), {
    isUntold: true,
  });
  const { data } = loaded;
  const offers = data === undefined ? [] : actionsOf(data);
  return (
    <>
      <PageHead
        title={schedule}
        over={
          <>
            <a href={linkTo(['schedules'])}>Schedules</a> /{' '}
            <a href={linkTo(['resources', kind, namespace, name])}>{namedWords({ kind, namespace, name })}</a>
          </>
        }
      >
        {offers.map(each => (
          <Act key={each} verb="operate" namespace={namespace} act={() => setAction(each)}>
            {actWords[each]}…
          </Act>
        ))}
      </PageHead>
      <View of={loaded}>{of => <Facts of={of} />}</View>
      {action === undefined ? null : (
        <ActionDialog params={params} action={action} close={() => setAction(undefined)} done={loaded.again} />
      )}
    </>
  );
}

/** A pause by the resource ends with a change of the resource alone. */
function actionsOf({ paused }: ScheduleReport): readonly ScheduleAction[] {
  if (paused === 'resource') return ['run'];
  return paused === 'command' ? ['run', 'resume'] : ['run', 'pause'];
}

function Facts({ of }: { readonly of: ScheduleReport }) {
  const { cron, timeZone, missed, overlap, paused, waiting, next, runs, leftOut, decidedUntil } = of;
  return (
    <>
      <section class="section">
        <dl class="figures">
          <Figure title="State" value={<Badge {...stateOfSchedule(of)} />} />
          <Figure title="Next" value={<When at={next[0]} />} />
          <Figure title="Due" value={<span class="mono">{cron}</span>} />
          <Figure title="Time zone" value={timeZone} />
          <Figure title="Missed runs" value={missed} />
          {overlap === undefined ? null : <Figure title="Overlapping runs" value={overlap} />}
          <Figure title="Not handed over" value={numberWords(waiting)} />
          <Figure title="Left out" value={leftOutCount(leftOut)} />
        </dl>
        {decidedUntil === undefined ? null : (
          <p class="banner banner-warn">
            The clock of the store was ahead, so nothing runs before {momentIn(decidedUntil, timeZone)}. Pause and
            resume the schedule to begin at the present again.
          </p>
        )}
        {paused !== 'resource' ? null : (
          <p class="muted">Its resource says that it is paused: change the resource to let it go on.</p>
        )}
      </section>
      {next.length === 0 ? null : (
        <section class="section">
          <h2>Next times</h2>
          <Table columns={nextColumns(timeZone)} rows={next} keyOf={time => time} />
        </section>
      )}
      <section class="section">
        <h2>Runs</h2>
        {runs.length === 0 ? (
          <p class="muted">It has not run yet.</p>
        ) : (
          <Table columns={runColumns(of)} rows={runs} keyOf={({ id }) => id} />
        )}
      </section>
      <section class="section">
        <h2>Left out</h2>
        {leftOut.length === 0 ? (
          <p class="muted">No run was left out.</p>
        ) : (
          <Table columns={LEFT_OUT} rows={leftOut} keyOf={({ at, from, why }) => `${at} ${from} ${why}`} />
        )}
      </section>
    </>
  );
}

/** As the clocks of its time zone show it. */
function momentIn(at: string, timeZone: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short', timeZone }).format(new Date(at));
}

function nextColumns(timeZone: string): readonly Column<string>[] {
  return [
    { title: 'From now', look: 'once', cell: time => <When at={time} /> },
    { title: `In ${timeZone}`, look: 'wide', cell: time => momentIn(time, timeZone) },
  ];
}

function runColumns(of: ScheduleReport): readonly Column<ScheduledRun>[] {
  return [
    {
      title: 'Due',
      look: 'once',
      cell: run => {
        const href = linkOfRun(of, run);
        const when = <When at={run.due} />;
        return href === undefined ? (
          when
        ) : (
          <a data-row href={href}>
            {when}
          </a>
        );
      },
    },
    { title: 'Outcome', look: 'once', cell: run => <Badge {...outcomeOfRun(run)} /> },
    { title: 'Cause', look: 'once', cell: ({ cause }) => causeOfRun[cause] },
    {
      title: 'Handed over',
      look: 'once',
      cell: ({ at, outcome }) => <When at={outcome === 'refused' ? undefined : at} />,
    },
    {
      title: of.kind === 'Topic' ? 'Event' : 'Job',
      cell: ({ job, place }) => <span class="mono">{job ?? place ?? '–'}</span>,
    },
    { title: 'Why', look: 'wide', cell: ({ error }) => error ?? <span class="faint">–</span> },
  ];
}

const LEFT_OUT: readonly Column<LeftOutRuns>[] = [
  { title: 'When', look: 'once', cell: ({ at }) => <When at={at} /> },
  { title: 'Runs', look: 'number', cell: each => leftOutCount([each]) },
  { title: 'The first was due', look: 'once', cell: ({ from }) => <When at={from} /> },
  { title: 'Why', look: 'wide', cell: ({ why }) => whyLeftOut[why] },
];
