// Shows what an action on a schedule would do, before it does it. The token of the plan lets it
// happen once, and only while the schedule stands as it was shown.
import { useEffect, useState } from 'preact/hooks';
import type { ScheduleAction, ScheduleActionPlan } from '../../../admin/commands/schedule-view.ts';
import { ask } from '../../api/ask.ts';
import { endpoints } from '../../api/endpoints.ts';
import { Act } from '../../parts/act.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Failed, Loading } from '../../parts/view.tsx';
import type { ScheduleParams } from './schedule-params.ts';
import { actWords } from './schedule-words.ts';

const ACTS = { run: endpoints.runSchedule, pause: endpoints.pauseSchedule, resume: endpoints.resumeSchedule };

export function ActionDialog(props: {
  readonly params: ScheduleParams;
  readonly action: ScheduleAction;
  readonly close: () => void;
  /** Called once it has happened. */
  readonly done: () => void;
}) {
  const { params, action, close, done } = props;
  const [plan, setPlan] = useState<ScheduleActionPlan | undefined>(undefined);
  const [error, setError] = useState<Error | undefined>(undefined);
  const make = (signal?: AbortSignal) => {
    setError(undefined);
    ask(endpoints.planSchedule, { params, body: { action } }, signal).then(setPlan, (failed: Error) => {
      if (!signal?.aborted) setError(failed);
    });
  };
  useEffect(() => {
    const left = new AbortController();
    make(left.signal);
    return () => left.abort();
  }, []);
  const act = async (token: string) => {
    await ask(ACTS[action], { params, body: { token } });
    close();
    done();
  };
  const token = plan?.token;
  return (
    <Dialog title={`${actWords[action]}: the plan`} close={close}>
      {error !== undefined ? <Failed error={error} again={() => make()} /> : null}
      {plan === undefined && error === undefined ? <Loading /> : null}
      {plan?.says.map(sentence => (
        <p key={sentence}>{sentence}</p>
      ))}
      <footer>
        <button type="button" class="button" onClick={close}>
          {plan !== undefined && token === undefined ? 'Close' : 'Leave it'}
        </button>
        {token === undefined ? null : (
          <Act verb="operate" namespace={params.namespace} look="primary" act={() => act(token)}>
            {actWords[action]}
          </Act>
        )}
      </footer>
    </Dialog>
  );
}
