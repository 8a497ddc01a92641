// Shows what an action on many events would do, before it does it. A dangerous one wants the name
// of the consumer.
import { useEffect, useState } from 'preact/hooks';
import type { OperationPlan } from '../../../admin/commands/operation-view.ts';
import { counted } from '../../../core/units/counted.ts';
import { ask } from '../../api/ask.ts';
import { endpoints, type PlanBody } from '../../api/endpoints.ts';
import { Act } from '../../parts/act.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Failed, Loading } from '../../parts/view.tsx';
import { namedWords, numberWords } from '../../parts/words.ts';
import { linkTo, navigate } from '../../shell/router.ts';
import { actionWords, isDangerous, verbFor } from './action-words.ts';

const SHOWN_GROUPS = 8;

export function PlanDialog({ body, close }: { readonly body: PlanBody; readonly close: () => void }) {
  const [plan, setPlan] = useState<OperationPlan | undefined>(undefined);
  const [error, setError] = useState<Error | undefined>(undefined);
  const make = (signal?: AbortSignal) => {
    setError(undefined);
    ask(endpoints.plan, { params: {}, body }, signal).then(setPlan, (failed: Error) => {
      if (!signal?.aborted) setError(failed);
    });
  };
  useEffect(() => {
    const left = new AbortController();
    make(left.signal);
    return () => left.abort();
  }, []);
  const { title, does } = actionWords[body.action];
  return (
    <Dialog title={`${title}: the plan`} close={close}>
      <p class="muted">{does}</p>
      {error !== undefined ? (
        <Failed error={error} again={() => make()} />
      ) : plan === undefined ? (
        <Loading />
      ) : (
        <Plan plan={plan} close={close} />
      )}
    </Dialog>
  );
}

function Plan({ plan, close }: { readonly plan: OperationPlan; readonly close: () => void }) {
  const { action, consumer, total, groups = [], sample, notes } = plan;
  const [typed, setTyped] = useState('');
  const isAsked = isDangerous(action);
  const start = async () => {
    const { namespace } = consumer;
    await ask(endpoints.startOperation, { params: { namespace, id: plan.id }, body: { token: plan.token } });
    close();
    navigate(linkTo(['operations', namespace, plan.id]));
  };
  if (total === 0)
    return (
      <>
        <p>Nothing matches any more, so there is nothing to do.</p>
        <footer>
          <button type="button" class="button" onClick={close}>
            Close
          </button>
        </footer>
      </>
    );
  return (
    <>
      <p class="plan-total">
        <strong>{counted(total, 'event')}</strong> of {namedWords(consumer)}
      </p>
      {groups.length === 0 ? null : (
        <ul class="plan-groups">
          {groups.slice(0, SHOWN_GROUPS).map(({ id, cause, count }) => (
            <li key={id}>
              <span class="mono">{cause}</span>
              <span class="number">{numberWords(count)}</span>
            </li>
          ))}
          {groups.length > SHOWN_GROUPS ? <li class="muted">and {groups.length - SHOWN_GROUPS} more causes</li> : null}
        </ul>
      )}
      <p class="muted">
        The first: <span class="mono">{sample.slice(0, 5).join(', ')}</span>
        {total > 5 ? ', in the order in which they were appended.' : ''}
      </p>
      {notes.map(note => (
        <p key={note} class="banner banner-warn">
          {note}
        </p>
      ))}
      {isAsked ? (
        <label class="stack">
          <span>
            Type <strong>{consumer.name}</strong> to go on
          </span>
          <input type="text" value={typed} spellcheck={false} onInput={event => setTyped(event.currentTarget.value)} />
        </label>
      ) : null}
      <footer>
        <button type="button" class="button" onClick={close}>
          Leave it
        </button>
        <Act
          verb={verbFor(action)}
          namespace={consumer.namespace}
          look={isAsked ? 'danger' : 'primary'}
          disabled={isAsked && typed !== consumer.name}
          act={start}
        >
          {actionWords[action].title} {numberWords(total)}
        </Act>
      </footer>
    </>
  );
}
