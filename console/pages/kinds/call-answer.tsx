// The answer to a request that a person sent to a Function or an Api.
import type { FunctionAnswer, FunctionBody } from '../../../admin/asking/ask-view.ts';
import { Badge } from '../../parts/badge.tsx';
import { JsonTree } from '../../parts/json-tree.tsx';
import { causeWords, numberWords } from '../../parts/words.ts';
import { linkTo } from '../../shell/router.ts';

/** The admin API waits for a minute. */
export const ANSWERS_MS = 65_000;

export function CallAnswer({ of, namespace }: { readonly of: FunctionAnswer; readonly namespace: string }) {
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
