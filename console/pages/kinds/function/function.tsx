// The page of a Function says whether it runs, how busy it is, which routes lead to it and what it
// wrote, and calls it.
import type { FunctionDetail } from '../../../../admin/api.ts';
import { ask } from '../../../api/ask.ts';
import { endpoints } from '../../../api/endpoints.ts';
import { allOf } from '../../../api/heard.ts';
import { useLive } from '../../../api/live.ts';
import { Badge } from '../../../parts/badge.tsx';
import { Figure } from '../../../parts/figure.tsx';
import { meanOf, perSecond, STEP_MS, valuesOf } from '../../../parts/history.ts';
import { MinutesChart } from '../../../parts/minutes-chart.tsx';
import { Table } from '../../../parts/table.tsx';
import type { Tone } from '../../../parts/tone.ts';
import { useHistory } from '../../../parts/use-history.ts';
import { View } from '../../../parts/view.tsx';
import { msWords, numberWords, rateWords } from '../../../parts/words.ts';
import type { KindPartProps } from '../kind-props.ts';
import { routeColumns, routeKey } from '../route-columns.tsx';
import { Invoke } from './invoke.tsx';
import { Lines } from './lines.tsx';
import { Versions } from './versions.tsx';

const TONES: Readonly<Record<FunctionDetail['state'], Tone>> = {
  asleep: 'quiet',
  starting: 'busy',
  available: 'good',
  stopped: 'warn',
  unavailable: 'bad',
};

const NO_CALLS = { calls: 0, failed: 0, ms: 0 };

export function FunctionPart({ namespace, name }: KindPartProps) {
  return (
    <>
      <Running namespace={namespace} name={name} />
      <Invoke namespace={namespace} name={name} />
      <Lines namespace={namespace} name={name} />
    </>
  );
}

function Running({ namespace, name }: Pick<KindPartProps, 'namespace' | 'name'>) {
  const params = { namespace, name };
  const detail = useLive(`function ${namespace}/${name}`, signal => ask(endpoints.function, { params }, signal), {
    on: allOf({ kind: 'Function', ...params }),
    // The stream does not tell of its calls.
    everyMs: STEP_MS,
    isUntold: true,
  });
  return (
    <View of={detail}>
      {({ state, waking, instances, inFlight, waiting, restarts, lastError, versions = [], routes, ended }) => (
        <>
          <section class="section">
            <h2>Instances</h2>
            <dl class="figures">
              <Figure title="State" value={<Badge tone={TONES[state]} word={waking ? 'wakes up' : state} />} />
              <Figure title="Instances" value={numberWords(instances)} />
              <Figure title="In flight" value={numberWords(inFlight)} />
              <Figure
                title="Wait for an instance"
                value={<span class={waiting > 0 ? 'warn' : ''}>{numberWords(waiting)}</span>}
              />
              <Figure title="Restarts" value={numberWords(restarts)} />
            </dl>
            {state === 'asleep' ? <p class="muted">Nothing of it runs. The next call starts it.</p> : null}
            {lastError === undefined ? null : <p class="cause">{lastError}</p>}
            <CallCharts ended={ended} waiting={waiting} isKnown={detail.error === undefined} />
          </section>
          {versions.length === 0 ? null : <Versions of={versions} />}
          {routes.length === 0 ? null : (
            <section class="section">
              <h2>Routes that lead to it</h2>
              <Table columns={routeColumns(true)} rows={routes} keyOf={routeKey} />
            </section>
          )}
        </>
      )}
    </View>
  );
}

function CallCharts(props: {
  readonly ended: FunctionDetail['ended'];
  readonly waiting: number;
  /** The newest question had an answer. */
  readonly isKnown: boolean;
}) {
  const { ended, waiting, isKnown } = props;
  const history = useHistory(isKnown ? { ...(ended ?? NO_CALLS), waiting } : undefined);
  return (
    <>
      <div class="charts">
        <MinutesChart
          title="Calls each second"
          history={history}
          lines={[
            { name: 'ended', values: perSecond(history, 'calls') },
            { name: 'failed', values: perSecond(history, 'failed'), isBad: true },
          ]}
          words={rateWords}
          top={1}
        />
        <MinutesChart
          title="Time of a call, on average"
          history={history}
          lines={[{ name: 'a call', values: meanOf(history, 'ms', 'calls') }]}
          words={msWords}
          top={10}
        />
        <MinutesChart
          title="Wait for an instance"
          history={history}
          lines={[{ name: 'calls', values: valuesOf(history, 'waiting') }]}
          words={numberWords}
          top={4}
        />
      </div>
      <p class="faint">The process that answers this page counts the calls that it makes itself.</p>
    </>
  );
}
