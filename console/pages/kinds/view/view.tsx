// The page of a View says how fresh it is, what was set aside, and how far a rebuild is, and shows
// its rows.
import { useState } from 'preact/hooks';
import type { ViewReport } from '../../../../admin/event-view.ts';
import { ask } from '../../../api/ask.ts';
import { endpoints } from '../../../api/endpoints.ts';
import { allOf } from '../../../api/heard.ts';
import { useLive } from '../../../api/live.ts';
import { Act } from '../../../parts/act.tsx';
import { Badge } from '../../../parts/badge.tsx';
import { Dialog } from '../../../parts/dialog.tsx';
import { Figure } from '../../../parts/figure.tsx';
import { perSecond, valuesOf } from '../../../parts/history.ts';
import { MinutesChart } from '../../../parts/minutes-chart.tsx';
import { useHistory } from '../../../parts/use-history.ts';
import { useRate } from '../../../parts/use-rate.ts';
import { View } from '../../../parts/view.tsx';
import { When } from '../../../parts/when.tsx';
import { countWithRate, numberWords, rateWords } from '../../../parts/words.ts';
import { linkTo } from '../../../shell/router.ts';
import type { KindPartProps } from '../kind-props.ts';
import { AskView } from './ask-view.tsx';

export function ViewPart(props: KindPartProps) {
  return (
    <>
      <Freshness {...props} />
      <AskView {...props} />
    </>
  );
}

function Freshness({ namespace, name }: KindPartProps) {
  const params = { namespace, name };
  const [isAsked, setAsked] = useState(false);
  const report = useLive(`view ${namespace}/${name}`, signal => ask(endpoints.view, { params }, signal), {
    on: allOf({ kind: 'View', ...params }),
  });
  const rebuild = async () => {
    await ask(endpoints.rebuildView, { params });
    setAsked(false);
    report.again();
  };
  return (
    <section class="section">
      <div class="section-head">
        <h2>Freshness</h2>
        <Act
          verb="operate"
          namespace={namespace}
          disabled={report.data?.building !== undefined}
          act={() => setAsked(true)}
        >
          Rebuild…
        </Act>
      </div>
      <View of={report}>{data => <Fresh of={data} at={report.at} isKnown={report.error === undefined} />}</View>
      {isAsked ? (
        <Dialog title={`Rebuild ${name}: the plan`} close={() => setAsked(false)}>
          <p>
            A second generation is made of all events that the Topics still hold. The one that serves goes on answering
            until the new one has caught up, and then the new one takes its place.
          </p>
          <p class="banner banner-warn">What the Topics keep no longer will not be in it.</p>
          <footer>
            <button type="button" class="button" onClick={() => setAsked(false)}>
              Leave it
            </button>
            <Act verb="operate" namespace={namespace} look="primary" act={rebuild}>
              Rebuild
            </Act>
          </footer>
        </Dialog>
      ) : null}
    </section>
  );
}

interface FreshProps {
  readonly of: ViewReport;
  readonly at: number | undefined;
  /** The newest question had an answer. */
  readonly isKnown: boolean;
}

function Fresh({ of, at, isKnown }: FreshProps) {
  const { namespace, name, state, lastError, behind, asOf, folded, repeated, refused, deadLetters, jumped } = of;
  const rate = useRate(folded, at);
  return (
    <>
      <dl class="figures">
        <Figure
          title="State"
          value={<Badge tone={state === 'running' ? 'good' : state === 'starting' ? 'busy' : 'bad'} word={state} />}
        />
        <Figure title="Behind" value={behind === undefined ? 'not known' : numberWords(behind)} />
        <Figure title="Has all events up to" value={behind === 0 ? 'now' : <When at={asOf} />} />
        <Figure title="Folded" value={countWithRate(folded, rate)} />
        <Figure
          title="Set aside"
          value={numberWords(deadLetters)}
          href={deadLetters > 0 ? linkTo(['failures', 'letters'], { kind: 'View', namespace, name }) : undefined}
        />
        <Figure title="Refused" value={numberWords(refused)} />
        <Figure title="Appended twice" value={numberWords(repeated)} />
        <Figure
          title="Deleted before it was read"
          value={<span class={jumped > 0 ? 'bad' : ''}>{numberWords(jumped)}</span>}
        />
      </dl>
      <p class="faint">Folded, refused and appended twice are counted since the platform started.</p>
      {lastError === undefined ? null : <p class="cause">{lastError}</p>}
      {of.generation === undefined ? <p class="muted">It is being built for the first time.</p> : null}
      {of.building === undefined ? null : <Building of={of.building} />}
      <FoldCharts of={of} isKnown={isKnown} />
    </>
  );
}

function FoldCharts({ of, isKnown }: Pick<FreshProps, 'of' | 'isKnown'>) {
  const { folded, refused, behind } = of;
  const history = useHistory(isKnown ? { folded, refused, behind } : undefined);
  return (
    <div class="charts">
      <MinutesChart
        title="Each second"
        history={history}
        lines={[
          { name: 'folded', values: perSecond(history, 'folded') },
          { name: 'refused', values: perSecond(history, 'refused'), isBad: true },
        ]}
        words={rateWords}
        top={1}
      />
      <MinutesChart
        title="Behind"
        history={history}
        lines={[{ name: 'to be folded', values: valuesOf(history, 'behind') }]}
        words={numberWords}
        top={4}
      />
    </div>
  );
}

function Building({ of }: { readonly of: NonNullable<ViewReport['building']> }) {
  const { generation, since, folded, behind } = of;
  return (
    <div class="progress">
      <h3>
        Builds generation <span class="mono">{generation}</span>, <When at={since} how="for" />
      </h3>
      <progress max={Math.max(1, folded + behind)} value={folded} aria-label="Records that were read" />
      <p class="muted">
        {numberWords(folded)} folded, {numberWords(behind)} still to be read.
      </p>
    </div>
  );
}
