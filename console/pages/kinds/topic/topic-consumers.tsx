// The consumers of a Topic beside each other over the last minutes: how fast each one goes, how
// often it fails, and what waits for it.
import type { ConsumerReport, TopicReport } from '../../../../admin/event-view.ts';
import { ask } from '../../../api/ask.ts';
import { endpoints } from '../../../api/endpoints.ts';
import { consumersIn } from '../../../api/heard.ts';
import { useLive } from '../../../api/live.ts';
import { perSecond, valuesOf } from '../../../parts/history.ts';
import { MinutesChart } from '../../../parts/minutes-chart.tsx';
import { useHistory } from '../../../parts/use-history.ts';
import { View } from '../../../parts/view.tsx';
import { numberWords, rateWords } from '../../../parts/words.ts';
import { linkTo } from '../../../shell/router.ts';

interface TopicConsumersProps {
  readonly of: TopicReport;
  /** The newest question about the Topic had an answer. */
  readonly isKnown: boolean;
}

export function TopicConsumers({ of, isKnown }: TopicConsumersProps) {
  const { namespace, topic } = of;
  const consumers = useLive(
    `consumers of ${topic}`,
    signal => ask(endpoints.consumers, { params: {}, query: { namespace } }, signal),
    { on: consumersIn(namespace) },
  );
  return (
    <section class="section">
      <h2>The last minutes</h2>
      <View of={consumers}>
        {({ items }) => (
          <ConsumerLines
            appended={isKnown ? of.appended : undefined}
            consumers={items.filter(each => each.topic === topic)}
            isKnown={consumers.error === undefined}
          />
        )}
      </View>
    </section>
  );
}

function ConsumerLines(props: {
  readonly appended: number | undefined;
  readonly consumers: readonly ConsumerReport[];
  readonly isKnown: boolean;
}) {
  const { appended, consumers, isKnown } = props;
  const history = useHistory({ appended, ...(isKnown ? numbersOf(consumers) : {}) });
  const lines = (of: 'delivered' | 'failures' | 'lag') =>
    consumers.map(({ kind, namespace, name, replayOf }) => ({
      name,
      ...(kind === 'Subscription' && replayOf === undefined && { href: linkTo(['resources', kind, namespace, name]) }),
      values: (of === 'lag' ? valuesOf : perSecond)(history, `${of} ${kind} ${name}`),
    }));
  return (
    <>
      <div class="charts">
        <MinutesChart
          title="Events each second"
          history={history}
          lines={[...lines('delivered'), { name: 'come in', values: perSecond(history, 'appended') }]}
          words={rateWords}
          top={1}
        />
        {consumers.length === 0 ? null : (
          <>
            <MinutesChart
              title="Failed attempts each second"
              history={history}
              lines={lines('failures')}
              words={rateWords}
              top={1}
            />
            <MinutesChart title="Not handled yet" history={history} lines={lines('lag')} words={numberWords} top={4} />
          </>
        )}
      </div>
      <p class="faint">Views and Pipelines that read it have theirs on their own pages.</p>
    </>
  );
}

function numbersOf(consumers: readonly ConsumerReport[]): Readonly<Record<string, number | undefined>> {
  return Object.fromEntries(
    consumers.flatMap(({ kind, name, delivered, failures, lag }) => [
      [`delivered ${kind} ${name}`, delivered],
      [`failures ${kind} ${name}`, failures],
      [`lag ${kind} ${name}`, lag],
    ]),
  );
}
