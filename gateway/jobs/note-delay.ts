// Notes the start time of a delayed job, so that a caller sees more than that it was accepted.
import { compileTemplate } from '../../core/cel/template.ts';
import type { CloudEvent } from '../../core/cloudevents/cloud-event.ts';
import type { JobId } from '../../core/jobs/job-id.ts';
import { encodeJobRow, jobKeysOf, jobScopeOf } from '../../core/jobs/job-row.ts';
import type { World } from '../../core/world.ts';
import type { Keys } from '../../drivers/store/store.ts';
import { scopeOf } from '../../resources/references/scopes.ts';
import type { Resource } from '../../resources/resource.ts';

/** Resolves in any case: without the note the job is queued as any other. */
export type DelayNote = (id: JobId, event: CloudEvent, owner: string, acceptedAt: number) => Promise<void>;

/** Shorter delays are over before anybody has asked. */
const WORTH_A_NOTE_MS = 1_000;
/** It lives as long as the row of any job that has not ended. */
const OPEN_TTL_MS = 90 * 86_400_000;

/** Undefined for a queue whose jobs begin as soon as they can. */
export function createDelayNote(
  world: World,
  store: Keys,
  { metadata, spec }: Resource<'Queue'>,
): DelayNote | undefined {
  const { delay, deliverAt } = spec;
  if (delay < WORTH_A_NOTE_MS && deliverAt === undefined) return undefined;
  const at = deliverAt && compileTemplate(deliverAt, scopeOf('event'), { expected: 'timestamp', whole: true });
  return async (id, event, owner, acceptedAt) => {
    try {
      const now = world.now();
      const scheduled = at ? Number(at.evaluate({ event })) : 0;
      const nextAt = Math.max(now + delay, scheduled || 0);
      if (nextAt - now < WORTH_A_NOTE_MS) return;
      const row = encodeJobRow({ state: 'waiting', attempts: 0, acceptedAt, nextAt, owner });
      const ttlMs = nextAt - now + OPEN_TTL_MS;
      // A worker that knows more was here before.
      await store.put(jobScopeOf(metadata.namespace, metadata.name, id.partition), jobKeysOf(id).row, row, {
        ttlMs,
        when: 'absent',
      });
    } catch {
      // Also where the time cannot be told from the event: then the job begins at once.
    }
  };
}
