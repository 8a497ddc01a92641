// Stores the answer for an item or a job: small ones with the state, large ones in the blob store
// until nobody asks for them any more.
import { expiringKey, hourOf } from '../../core/expiring-key.ts';
import type { ResultHead } from '../../core/fan-outs/facts.ts';
import { type CallAnswer, headerOf } from '../deliver/caller.ts';
import type { FanOutSite } from './fan-out-settings.ts';

export interface StoredResult {
  readonly head: ResultHead;
  readonly body: Uint8Array;
}

/** The largest result in the store, where it shares a step with other results. */
const MAX_INLINE = 65_536;
const MAX_TYPE = 256;
const DAY_MS = 86_400_000;
const EMPTY = new Uint8Array(0);

/** `name`: of the item, or of the job's own result. */
export async function storeResult(
  { blobs, settings }: Pick<FanOutSite, 'blobs' | 'settings'>,
  nonce: string,
  name: string,
  answer: CallAnswer | undefined,
): Promise<StoredResult> {
  if (answer === undefined) return { head: { status: 204, size: 0 }, body: EMPTY };
  const { status, body } = answer;
  const contentType = headerOf(answer, 'content-type')?.slice(0, MAX_TYPE);
  const head = { status, size: body.length, ...(contentType === undefined ? {} : { contentType }) };
  if (body.length <= MAX_INLINE || blobs === undefined) return { head, body };
  const { namespace, name: fanOut, rules } = settings;
  // A redriven job lives longer than others.
  const until = (await blobs.now()) + 2 * (rules.deadlineMs + rules.ttlMs) + DAY_MS;
  const blob = expiringKey(hourOf(until), `fan-outs/${namespace}/${fanOut}/${nonce}/${name}`);
  await blobs.put(blob, body, { contentType: isPlain(contentType) ? contentType : undefined });
  return { head: { ...head, blob }, body: EMPTY };
}

/** Whether a blob store accepts the content type; the head has it in any case. */
function isPlain(contentType: string | undefined): boolean {
  return contentType !== undefined && /^[ -~]{1,255}$/.test(contentType);
}
