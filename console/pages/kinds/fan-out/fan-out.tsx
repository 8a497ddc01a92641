// The page of a FanOut says how its jobs do, and which items of one failed and why.
import type { FanOutReport, FanOutSummary } from '../../../../admin/fan-out-view.ts';
import { ask } from '../../../api/ask.ts';
import { endpoints } from '../../../api/endpoints.ts';
import { allOf } from '../../../api/heard.ts';
import { useLive } from '../../../api/live.ts';
import { Badge } from '../../../parts/badge.tsx';
import { ChoiceInAddress } from '../../../parts/choice.tsx';
import { Figure } from '../../../parts/figure.tsx';
import { perSecond, valuesOf } from '../../../parts/history.ts';
import { MinutesChart } from '../../../parts/minutes-chart.tsx';
import { type Column, Table } from '../../../parts/table.tsx';
import { useHistory } from '../../../parts/use-history.ts';
import { useRate } from '../../../parts/use-rate.ts';
import { Empty, View } from '../../../parts/view.tsx';
import { When } from '../../../parts/when.tsx';
import { countWithRate, numberWords, rateWords } from '../../../parts/words.ts';
import { query, withQuery } from '../../../shell/router.ts';
import { fanOutJobStates, toneOfJob } from '../job-words.ts';
import type { KindPartProps } from '../kind-props.ts';
import { FanOutJobPart } from './fan-out-job.tsx';

const LIMIT = '50';

export function FanOutPart({ namespace, name }: KindPartProps) {
  const [job, state, after] = ['job', 'state', 'after'].map(each => query.value.get(each) ?? undefined);
  const on = { on: allOf({ kind: 'FanOut', namespace, name }) };
  const reports = useLive(
    `fan-out ${namespace}/${name}`,
    signal => ask(endpoints.fanOuts, { params: {}, query: { namespace, name } }, signal),
    on,
  );
  const jobs = useLive(
    `jobs of fan-out ${namespace}/${name} ${state} ${after}`,
    signal =>
      ask(endpoints.fanOutJobs, { params: {}, query: { namespace, fanOut: name, state, limit: LIMIT, after } }, signal),
    on,
  );
  return (
    <>
      {job === undefined ? null : <FanOutJobPart namespace={namespace} fanOut={name} id={job} />}
      <View of={reports}>
        {({ items: [report] }) =>
          report === undefined ? null : <Progress of={report} at={reports.at} isKnown={reports.error === undefined} />
        }
      </View>
      <section class="section">
        <div class="section-head">
          <h2>Jobs</h2>
        </div>
        <form class="filters" onSubmit={event => event.preventDefault()}>
          <ChoiceInAddress name="state" label="State" values={fanOutJobStates} drops={['after']} />
        </form>
        <View of={jobs}>
          {({ items, next }) => (
            <>
              {items.length === 0 ? (
                <NoJobs isFiltered={state !== undefined || after !== undefined} />
              ) : (
                <Table columns={columnsOf(job)} rows={items} keyOf={({ id }) => id} />
              )}
              {next === undefined ? null : (
                <a class="button" href={withQuery({ after: next })}>
                  Show older ones
                </a>
              )}
            </>
          )}
        </View>
      </section>
    </>
  );
}

interface ProgressProps {
  readonly of: FanOutReport;
  readonly at: number | undefined;
  /** The newest question had an answer. */
  readonly isKnown: boolean;
}

/** Counts of processes tell how fast it goes; the log says how much is left. */
function Progress({ of, at, isKnown }: ProgressProps) {
  const { state, lastError, behind, folded, ended } = of;
  const rate = useRate(folded, at);
  const count = (name: string) => numberWords(ended[name] ?? 0);
  return (
    <section class="section">
      <h2>Progress</h2>
      <dl class="figures">
        <Figure
          title="Its jobs"
          value={<Badge tone={state === 'running' ? 'good' : state === 'starting' ? 'busy' : 'bad'} word={state} />}
        />
        <Figure title="Facts to be counted" value={behind === undefined ? 'not known' : numberWords(behind)} />
        <Figure title="Facts counted" value={countWithRate(folded, rate)} />
        <Figure title="Jobs that succeeded" value={count('succeeded')} href={withQuery({ state: 'succeeded' })} />
        <Figure title="Jobs that failed" value={count('failed')} href={withQuery({ state: 'failed' })} />
        <Figure title="Jobs that expired" value={count('expired')} href={withQuery({ state: 'expired' })} />
      </dl>
      <p class="faint">Counted in all processes, since they started.</p>
      {lastError === undefined ? null : <p class="cause">{lastError}</p>}
      <JobCharts of={of} isKnown={isKnown} />
    </section>
  );
}

function JobCharts({ of: { folded, behind, ended }, isKnown }: Pick<ProgressProps, 'of' | 'isKnown'>) {
  const { succeeded = 0, failed = 0, expired = 0 } = ended;
  const history = useHistory(isKnown ? { folded, behind, succeeded, failed: failed + expired } : undefined);
  return (
    <div class="charts">
      <MinutesChart
        title="Facts each second"
        history={history}
        lines={[{ name: 'counted', values: perSecond(history, 'folded') }]}
        words={rateWords}
        top={1}
      />
      <MinutesChart
        title="Facts to be counted"
        history={history}
        lines={[{ name: 'all', values: valuesOf(history, 'behind') }]}
        words={numberWords}
        top={4}
      />
      <MinutesChart
        title="Jobs each second"
        history={history}
        lines={[
          { name: 'succeeded', values: perSecond(history, 'succeeded') },
          { name: 'failed or expired', values: perSecond(history, 'failed'), isBad: true },
        ]}
        words={rateWords}
        top={1}
      />
    </div>
  );
}

function NoJobs({ isFiltered }: { readonly isFiltered: boolean }) {
  return (
    <Empty title={isFiltered ? 'No job matches' : 'No job has begun yet'}>
      {isFiltered ? (
        <p>
          <a href={withQuery({ state: undefined, after: undefined })}>Show all jobs</a>
        </p>
      ) : (
        <p>Its resource says what starts one: see “on” below.</p>
      )}
    </Empty>
  );
}

function columnsOf(chosen: string | undefined): readonly Column<FanOutSummary>[] {
  return [
    {
      title: 'Job',
      look: 'name',
      cell: ({ id }) => (
        <a data-row href={withQuery({ job: id })} aria-current={id === chosen ? 'true' : undefined}>
          {id}
        </a>
      ),
    },
    { title: 'State', look: 'once', cell: ({ state }) => <Badge tone={toneOfJob[state]} word={state} /> },
    { title: 'Items', look: 'number', cell: ({ items }) => numberWords(items.total) },
    {
      title: 'Failed',
      look: 'number',
      cell: ({ items: { failed } }) => <span class={failed > 0 ? 'bad' : ''}>{numberWords(failed)}</span>,
    },
    { title: 'Open', look: 'number', cell: ({ items: { open } }) => numberWords(open) },
    { title: 'Why', look: 'wide', cell: ({ error }) => error?.message ?? <span class="faint">–</span> },
    { title: 'Began', look: 'once', cell: ({ acceptedAt }) => <When at={acceptedAt} /> },
    { title: 'Ended', look: 'once', cell: ({ finishedAt }) => <When at={finishedAt} /> },
  ];
}
