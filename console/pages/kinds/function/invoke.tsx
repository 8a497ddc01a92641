// Calls a Function by a request that a person writes, and shows its answer.
import { useState } from 'preact/hooks';
import type { FunctionAnswer, FunctionBody } from '../../../../admin/asking/ask-view.ts';
import { ask } from '../../../api/ask.ts';
import { endpoints } from '../../../api/endpoints.ts';
import { Act } from '../../../parts/act.tsx';
import { Badge } from '../../../parts/badge.tsx';
import { JsonTree } from '../../../parts/json-tree.tsx';
import { causeWords, numberWords } from '../../../parts/words.ts';
import { linkTo } from '../../../shell/router.ts';
import type { KindPartProps } from '../kind-props.ts';
import { type CallForm, toRequest } from './to-request.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
/** The admin API waits for a minute. */
const ANSWERS_MS = 65_000;

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
      {answer === undefined ? null : <Answer of={answer} namespace={namespace} />}
    </section>
  );
}

function Answer({ of, namespace }: { readonly of: FunctionAnswer; readonly namespace: string }) {
  const { status, headers, body, bytes, ms, trace, cause } = of;
  return (
    <div class="call-answer" role="status">
      <p>
        <Badge tone={status < 400 ? 'good' : status < 500 ? 'warn' : 'bad'} word={`${status}`} /> after{' '}
        {numberWords(ms)} ms, {numberWords(bytes)} bytes.{' '}
        <a href={linkTo(['find'], { q: trace, namespace })}>What it led to</a>
      </p>
      {cause === undefined ? null : <p class="cause">{causeWords({ cause })}</p>}
      <Body of={body} />
      <details>
        <summary>Headers</summary>
        <dl class="facts mono">
          {headers.map(([name, value], index) => (
            <div key={`${index}`} class="fact">
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </details>
    </div>
  );
}

function Body({ of }: { readonly of: FunctionBody }) {
  if ('base64' in of) return <p class="muted">The body is no text.</p>;
  if (of.text === '') return <p class="muted">The answer has no body.</p>;
  const json = jsonOf(of.text);
  return json === undefined ? <pre class="cause">{of.text}</pre> : <JsonTree value={json} />;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
