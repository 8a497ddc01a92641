// Shows what a move of a feature changes for those who call, and asks for the name of the feature
// before it happens.
import { useState } from 'preact/hooks';
import type { FeatureReport, StandingReport } from '../../../../gateway/strangler/report.ts';
import { ask } from '../../../api/ask.ts';
import { endpoints } from '../../../api/endpoints.ts';
import { Act } from '../../../parts/act.tsx';
import { Dialog } from '../../../parts/dialog.tsx';
import { effectWords, standingWords } from './feature-words.ts';

const BACK: StandingReport = { phase: 'legacy', percent: 0 };

export function MoveDialog(props: {
  readonly feature: FeatureReport;
  readonly strangler: { readonly namespace: string; readonly name: string };
  readonly move: 'promote' | 'back-out';
  readonly close: () => void;
}) {
  const { feature, strangler, move, close } = props;
  // The figures go on while the dialog is open, and the step that was read is the one that counts.
  const [plan] = useState({ from: standingOf(feature), to: move === 'promote' ? feature.next : BACK });
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const [insists, setInsists] = useState(false);
  const { to } = plan;
  if (to === undefined) return null;
  const behind = move === 'promote' ? feature.sync?.behind : undefined;
  const title = move === 'promote' ? `Move ${feature.name} on` : `Back ${feature.name} out`;
  const start = async () => {
    const params = { ...strangler, feature: feature.name };
    const why = reason === '' ? {} : { reason };
    if (move === 'back-out') await ask(endpoints.backOut, { params, body: why });
    else await ask(endpoints.promote, { params, body: { ...why, to, ...(insists ? { force: true } : {}) } });
    close();
  };
  return (
    <Dialog title={`${title}: the plan`} close={close}>
      <p class="plan-total">
        From <strong>{standingWords(plan.from)}</strong> to <strong>{standingWords(to)}</strong>
      </p>
      <p>{effectWords(to, feature.target)} It holds in every gateway, and until the resource says something new.</p>
      {move === 'promote' && feature.promotion !== undefined ? (
        <p class={feature.promotion.verdict === 'advance' ? 'banner' : 'banner banner-warn'}>
          {feature.promotion.because}
        </p>
      ) : null}
      {behind === undefined ? null : (
        <div class="banner banner-warn">
          <span>{behind}</span>
          <label>
            <input type="checkbox" checked={insists} onChange={event => setInsists(event.currentTarget.checked)} /> Move
            on all the same
          </label>
        </div>
      )}
      <label class="stack">
        <span>Why, for the others and the audit log</span>
        <input type="text" maxLength={500} value={reason} onInput={event => setReason(event.currentTarget.value)} />
      </label>
      <label class="stack">
        <span>
          Type <strong>{feature.name}</strong> to go on
        </span>
        <input type="text" value={typed} spellcheck={false} onInput={event => setTyped(event.currentTarget.value)} />
      </label>
      <footer>
        <button type="button" class="button" onClick={close}>
          Leave it
        </button>
        <Act
          verb="operate"
          namespace={strangler.namespace}
          look={move === 'promote' ? 'primary' : 'danger'}
          disabled={typed !== feature.name || (behind !== undefined && !insists)}
          act={start}
        >
          {move === 'promote' ? `Move on to ${standingWords(to)}` : 'Back out'}
        </Act>
      </footer>
    </Dialog>
  );
}

function standingOf({ phase, percent }: FeatureReport): StandingReport {
  return { phase, percent };
}
