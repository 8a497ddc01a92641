// Calls a Function by a request that a person writes, and shows its answer.
import { useState } from 'preact/hooks';
import type { FunctionAnswer } from '../../../../admin/asking/ask-view.ts';
import { ask } from '../../../api/ask.ts';
import { endpoints } from '../../../api/endpoints.ts';
import { Act } from '../../../parts/act.tsx';
import { ANSWERS_MS, CallAnswer } from '../call-answer.tsx';
import type { KindPartProps } from '../kind-props.ts';
import { type CallForm, toRequest } from './to-request.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

export function Invoke({ namespace, name }: Pick<KindPartProps, 'namespace' | 'name'>) {
  const [form, setForm] = useState<CallForm>({ method: 'GET', path: '/', headers: '', body: '' });
  const [answer, setAnswer] = useState<FunctionAnswer | undefined>(undefined);
  const change = (part: Partial<CallForm>) => setForm({ ...form, ...part });
  const call = async () => {
    setAnswer(undefined);
    const body = toRequest(form);
    setAnswer(await ask(endpoints.invoke, { params: { namespace, name }, body }, undefined, ANSWERS_MS));
  };
  return (
    <section class="section">
      <h2>Call it</h2>
      <p class="muted">The Function gets this request as from any other caller. The audit log says who called it.</p>
      <div class="call">
        <label class="stack">
          Method
          <select value={form.method} onChange={event => change({ method: event.currentTarget.value })}>
            {METHODS.map(each => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </label>
        <label class="stack">
          Path at the Function, with its query
          <input
            type="text"
            class="mono"
            spellcheck={false}
            value={form.path}
            onInput={event => change({ path: event.currentTarget.value })}
          />
        </label>
        <label class="stack call-text">
          Headers, one on each line
          <textarea
            class="mono"
            rows={2}
            spellcheck={false}
            value={form.headers}
            onInput={event => change({ headers: event.currentTarget.value })}
          />
        </label>
        <label class="stack call-text">
          Body
          <textarea
            class="mono"
            rows={5}
            spellcheck={false}
            value={form.body}
            onInput={event => change({ body: event.currentTarget.value })}
          />
        </label>
      </div>
      <Act verb="operate" namespace={namespace} look="primary" act={call}>
        Call it
      </Act>
      {answer === undefined ? null : <CallAnswer of={answer} namespace={namespace} />}
    </section>
  );
}
