// The page of a Pipeline says how fast events go through, how far event time has come, what came
// late, and what its archives still lack.
import type { ArchiveReport, PipelineReport, TableReport } from '../../../../admin/event-view.ts';
import { ask } from '../../../api/ask.ts';
import { endpoints } from '../../../api/endpoints.ts';
import { allOf } from '../../../api/heard.ts';
import { useLive } from '../../../api/live.ts';
import { Badge } from '../../../parts/badge.tsx';
import { Figure } from '../../../parts/figure.tsx';
import { perSecond, valuesOf } from '../../../parts/history.ts';
import { MinutesChart } from '../../../parts/minutes-chart.tsx';
import { type Column, Table } from '../../../parts/table.tsx';
import { useHistory } from '../../../parts/use-history.ts';
import { useRate } from '../../../parts/use-rate.ts';
import { View } from '../../../parts/view.tsx';
import { When } from '../../../parts/when.tsx';
import { countWithRate, numberWords, rateWords } from '../../../parts/words.ts';
import { linkTo } from '../../../shell/router.ts';
import type { KindPartProps } from '../kind-props.ts';
import { OpenWindowsPart } from './open-windows.tsx';

export function PipelinePart({ namespace, name, manifest }: KindPartProps) {
  const pipelines = useLive(
    `pipeline ${namespace}/${name}`,
    signal => ask(endpoints.pipelines, { params: {}, query: { namespace, name } }, signal),
    { on: allOf({ kind: 'Pipeline', namespace, name }) },
  );
  return (
    <View of={pipelines}>
      {({ items: [report] }) =>
        report === undefined ? (
          <p class="muted">It does not run yet: its conditions say why.</p>
        ) : (
          <>
            <Flow of={report} at={pipelines.at} isKnown={pipelines.error === undefined} />
            <OpenWindowsPart namespace={namespace} name={name} manifest={manifest} />
          </>
        )
      }
    </View>
  );
}

function Flow(props: {
  readonly of: PipelineReport;
  readonly at: number | undefined;
  /** The newest question had an answer. */
  readonly isKnown: boolean;
}) {
  const { of, at, isKnown } = props;
  const { state, lastError, stop, lag, handled, emitted, late, watermark, archives, tables } = of;
  const [read, made] = [useRate(handled, at), useRate(emitted, at)];
  return (
    <>
      <section class="section">
        <h2>Events through it</h2>
        <dl class="figures">
          <Figure
            title="State"
            value={<Badge tone={state === 'running' ? 'good' : state === 'starting' ? 'busy' : 'bad'} word={state} />}
          />
          <Figure title="To be read" value={lag === undefined ? 'not known' : numberWords(lag)} />
          <Figure title="Read" value={countWithRate(handled, read)} />
          <Figure title="Results of windows" value={countWithRate(emitted, made)} />
          <Figure
            title="Event time has come to"
            value={watermark === undefined ? 'not known yet' : <When at={watermark} />}
          />
          <Figure title="Came late" value={<span class={late > 0 ? 'warn' : ''}>{numberWords(late)}</span>} />
        </dl>
        {stop === undefined ? (
          lastError === undefined ? null : (
            <p class="cause">{lastError}</p>
          )
        ) : (
          <p class="banner banner-warn">
            <span>
              {stop.why} {stop.next}
            </span>
          </p>
        )}
        <FlowCharts of={of} isKnown={isKnown} />
      </section>
      <LeftOut of={of} />
      {archives.length === 0 ? null : (
        <section class="section">
          <h2>Archives</h2>
          <Table columns={ARCHIVES} rows={archives} keyOf={({ table }) => table} />
        </section>
      )}
      {tables.length === 0 ? null : (
        <section class="section">
          <h2>Tables</h2>
          <Table columns={TABLES} rows={tables} keyOf={({ table }) => table} />
        </section>
      )}
    </>
  );
}

function FlowCharts({ of, isKnown }: { readonly of: PipelineReport; readonly isKnown: boolean }) {
  const { handled, emitted, late, lag, joining, parkedEvents } = of;
  const history = useHistory(isKnown ? { handled, emitted, late, lag, joining, parkedEvents } : undefined);
  return (
    <div class="charts">
      <MinutesChart
        title="Each second"
        history={history}
        lines={[
          { name: 'read', values: perSecond(history, 'handled') },
          { name: 'results of windows', values: perSecond(history, 'emitted') },
          { name: 'came late', values: perSecond(history, 'late'), isBad: true },
        ]}
        words={rateWords}
        top={1}
      />
      <MinutesChart
        title="Waiting"
        history={history}
        lines={[
          { name: 'to be read', values: valuesOf(history, 'lag') },
          { name: 'in a join', values: valuesOf(history, 'joining') },
          { name: 'for another call', values: valuesOf(history, 'parkedEvents'), isBad: true },
        ]}
        words={numberWords}
        top={4}
      />
    </div>
  );
}

/** Events that did not come out at the other end, each with its reason. */
function LeftOut({ of }: { readonly of: PipelineReport }) {
  const { namespace, name, filtered, deduplicated, unjoined, repeated, parkedEvents, deadLetters, refused, jumped } =
    of;
  const failures = linkTo(['failures'], { kind: 'Pipeline', namespace, name });
  return (
    <section class="section">
      <h2>Left out on the way</h2>
      <dl class="figures">
        <Figure title="By a filter" value={numberWords(filtered)} />
        <Figure title="As duplicates" value={numberWords(deduplicated)} />
        <Figure title="Without a row to join" value={numberWords(unjoined)} />
        <Figure title="Came twice" value={numberWords(repeated)} />
        <Figure
          title="Wait for another call"
          value={numberWords(parkedEvents)}
          href={parkedEvents > 0 ? failures : undefined}
        />
        <Figure
          title="Given up"
          value={<span class={deadLetters > 0 ? 'bad' : ''}>{numberWords(deadLetters)}</span>}
          href={deadLetters > 0 ? failures : undefined}
        />
        <Figure title="Refused" value={numberWords(refused)} />
        <Figure
          title="Deleted before they were read"
          value={<span class={jumped > 0 ? 'bad' : ''}>{numberWords(jumped)}</span>}
        />
      </dl>
      <p class="faint">All but those that wait and those given up are counted since the platform started.</p>
    </section>
  );
}

const TABLES: readonly Column<TableReport>[] = [
  { title: 'Table in Postgres', look: 'name', cell: ({ table }) => <span class="mono">{table}</span> },
  {
    title: 'Not written yet',
    look: 'number',
    cell: ({ behind }) => (behind === undefined ? 'not known' : numberWords(behind)),
  },
  { title: 'Written since the start', look: 'number', cell: ({ written }) => numberWords(written) },
  {
    title: 'Trouble',
    cell: ({ trouble }) => <span class={trouble === undefined ? '' : 'warn'}>{trouble ?? 'none'}</span>,
  },
];

const ARCHIVES: readonly Column<ArchiveReport>[] = [
  { title: 'Table in SQL', look: 'name', cell: ({ table }) => <span class="mono">{table}</span> },
  {
    title: 'In no file yet',
    look: 'number',
    cell: ({ behind }) => (behind === undefined ? 'not known' : numberWords(behind)),
  },
  { title: 'Gathered since the start', look: 'number', cell: ({ gathered }) => numberWords(gathered) },
];
