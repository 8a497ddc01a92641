// The page of a Strangler says who answers what, how the two sides compare, and whether a feature
// may move on.
import type { StranglerReport } from '../../../../gateway/strangler/report.ts';
import { ask } from '../../../api/ask.ts';
import { endpoints } from '../../../api/endpoints.ts';
import { useLive } from '../../../api/live.ts';
import { Figure } from '../../../parts/figure.tsx';
import { Empty, View } from '../../../parts/view.tsx';
import { numberWords } from '../../../parts/words.ts';
import { navigate, query, withQuery } from '../../../shell/router.ts';
import type { KindPartProps } from '../kind-props.ts';
import { FeaturePart } from './feature.tsx';
import { latencyWords, shareWords } from './feature-words.ts';
import { MoveDialog } from './move-dialog.tsx';

export function StranglerPart({ namespace, name }: KindPartProps) {
  const params = { namespace, name };
  const report = useLive(`strangler ${namespace}/${name}`, signal => ask(endpoints.strangler, { params }, signal), {
    isUntold: true,
  });
  const [move, of] = [query.value.get('move'), query.value.get('feature')];
  const moved = report.data?.features.find(each => each.name === of);
  return (
    <>
      <View of={report}>
        {({ features, rest }) => (
          <>
            {features.length === 0 ? (
              <Empty title="No feature moves out of it yet">
                <p>Legacy answers everything. Name the first feature in the resource, in “features”.</p>
              </Empty>
            ) : null}
            {features.map(feature => (
              <FeaturePart key={feature.name} of={feature} namespace={namespace} />
            ))}
            <Rest of={rest} />
          </>
        )}
      </View>
      {moved !== undefined && (move === 'promote' || move === 'back-out') ? (
        <MoveDialog
          key={`${move} ${moved.name}`}
          feature={moved}
          strangler={params}
          move={move}
          close={() => {
            navigate(withQuery({ move: undefined, feature: undefined }), 'replace');
            report.again();
          }}
        />
      ) : null}
    </>
  );
}

/** For requests that no feature takes. */
function Rest({ of }: { readonly of: StranglerReport['rest'] }) {
  return (
    <section class="section">
      <h2>Everything else, to legacy</h2>
      <dl class="figures">
        <Figure title="Requests" value={numberWords(of.requests)} />
        <Figure title="Failed" value={shareWords(of.failed, of.requests)} />
        <Figure title="Median · 95% · 99%" value={latencyWords(of)} />
      </dl>
    </section>
  );
}
