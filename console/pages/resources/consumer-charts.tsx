// The last minutes of one consumer: how fast it goes, how often it fails, and what waits.
import type { ConsumerReport } from '../../../admin/event-view.ts';
import { perSecond, valuesOf } from '../../parts/history.ts';
import { MinutesChart } from '../../parts/minutes-chart.tsx';
import { useHistory } from '../../parts/use-history.ts';
import { numberWords, rateWords } from '../../parts/words.ts';

/** `isKnown`: the newest question had an answer. */
export function ConsumerCharts({ of, isKnown }: { readonly of: ConsumerReport; readonly isKnown: boolean }) {
  const { delivered, failures, lag, parkedEvents } = of;
  const history = useHistory(isKnown ? { delivered, failures, lag, parkedEvents } : undefined);
  return (
    <div class="charts">
      <MinutesChart
        title="Each second"
        history={history}
        lines={[
          { name: 'delivered', values: perSecond(history, 'delivered') },
          { name: 'failed attempts', values: perSecond(history, 'failures'), isBad: true },
        ]}
        words={rateWords}
        top={1}
      />
      <MinutesChart
        title="Not handled yet"
        history={history}
        lines={[
          { name: 'all', values: valuesOf(history, 'lag') },
          { name: 'parked', values: valuesOf(history, 'parkedEvents'), isBad: true },
        ]}
        words={numberWords}
        top={4}
      />
    </div>
  );
}
