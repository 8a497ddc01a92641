// The nonce of a job that a consumer makes of an event: it is made of the place of the event, so
// that a repeat is the same job.
import { createHash } from 'node:crypto';

/** `group`: the consumer. 16 hex digits. */
export function madeNonceOf(group: string, partition: number, offset: number): string {
  return createHash('sha256').update(`${group}/${partition}/${offset}`).digest('hex').slice(0, 16);
}
