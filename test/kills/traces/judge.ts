// Which spans of dead letters a collector must have: all of them, but for those that a process had
// not sent yet when it was killed.
import { functionSpanId } from '../../../core/trace-context.ts';
import { attributeOf, type CollectedSpan } from '../../cluster/tracing/collector.ts';

/** A process from its start to its end; all moments are milliseconds of one clock. */
export interface Life {
  readonly name: string;
  killedAt: number | undefined;
}

export interface SentEvent {
  readonly gateway: Life;
  readonly at: number;
}

/** An attempt as the function sees it. */
export interface TracedCall {
  readonly worker: Life;
  readonly at: number;
  readonly trace: string;
  /** The span of the attempt. */
  readonly span: string;
}

export interface TracedLetter {
  readonly id: string;
  readonly trace: string;
  /** The span of the publication. */
  readonly published: string;
  readonly sent: SentEvent;
  readonly calls: readonly TracedCall[];
}

export interface Judgement {
  /** Dead letters with all spans. */
  readonly whole: number;
  /** Dead letters that lack spans of killed processes, and no others. */
  readonly excused: number;
  /** What is missing though nobody was killed who had it. */
  readonly wrong: readonly string[];
}

/**
 * Spans are sent twice a second; a busy machine takes longer. A process that is killed so soon
 * after a span ended may not have sent it.
 */
export const SENT_WITHIN_MS = 3000;

export function judge(
  letters: readonly TracedLetter[],
  spans: readonly CollectedSpan[],
  workers: readonly Life[],
): Judgement {
  const byTrace = Map.groupBy(spans, ({ traceId }) => traceId);
  const wrong: string[] = [];
  let whole = 0;
  let excused = 0;
  for (const letter of letters) {
    const missing = missingOf(letter, byTrace.get(letter.trace) ?? [], workers);
    const guilty = missing.filter(({ isExcused }) => !isExcused);
    if (guilty.length > 0) wrong.push(`${letter.id} lacks ${guilty.map(({ what }) => what).join(', ')}`);
    else if (missing.length > 0) excused++;
    else whole++;
  }
  return { whole, excused, wrong };
}

interface MissingSpan {
  readonly what: string;
  readonly isExcused: boolean;
}

function missingOf(letter: TracedLetter, spans: readonly CollectedSpan[], workers: readonly Life[]): MissingSpan[] {
  const { id, published, sent, calls } = letter;
  const byId = new Map(spans.map(span => [span.spanId, span]));
  const missing: MissingSpan[] = [];
  const expect = (what: string, isThere: boolean, isExcused: boolean) => {
    if (!isThere) missing.push({ what, isExcused });
  };
  // The first worker that lived on has told the gateway that the trace matters.
  const told = Math.min(...calls.filter(({ worker, at }) => !isLost(worker, at)).map(({ at }) => at));
  const gatewayKilled = (sent.gateway.killedAt ?? Number.POSITIVE_INFINITY) <= told + SENT_WITHIN_MS;
  const publication = byId.get(published);
  expect('the publication', publication !== undefined, gatewayKilled);
  const request = publication && byId.get(publication.parentSpanId ?? '');
  expect('the request', request !== undefined && !request.parentSpanId, gatewayKilled);
  for (const [index, { worker, at, span }] of calls.entries()) {
    const attempt = byId.get(span);
    const delivery = attempt && byId.get(attempt.parentSpanId ?? '');
    const killed = isLost(worker, at);
    expect(`attempt ${index + 1} of ${worker.name}`, attempt !== undefined, killed);
    expect(`the function in attempt ${index + 1}`, byId.has(functionSpanId(span)), killed);
    expect(`delivery ${index + 1}`, delivery?.parentSpanId === published, killed);
  }
  const last = Math.max(...calls.map(({ at }) => at));
  const end = spans.some(
    span => span.name.startsWith('dead-letter ') && attributeOf(span, 'messaging.message.id') === id,
  );
  expect(
    'its end',
    end,
    workers.some(worker => isKilled(worker, last)),
  );
  return missing;
}

function isKilled({ killedAt }: Life, at: number): boolean {
  return killedAt !== undefined && killedAt >= at && killedAt <= at + SENT_WITHIN_MS;
}

/** Of a call: it may arrive after its worker was killed. */
function isLost({ killedAt = Number.POSITIVE_INFINITY }: Life, at: number): boolean {
  return killedAt <= at + SENT_WITHIN_MS;
}
