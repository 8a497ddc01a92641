// An event that a person sent again to one consumer of its Topic alone: all others leave it out.
import type { EventRecord } from './record.ts';

/**
 * Header of the record, and no attribute of the event: no client can set it, and an event that goes
 * on into another topic does not take it along.
 */
const FOR_HEADER = 'tenfold-for';

/** `Subscription/shop/receipts`. */
export function addressOf(consumer: {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}): string {
  return `${consumer.kind}/${consumer.namespace}/${consumer.name}`;
}

/** The header by which the consumer of this address alone takes a record. */
export function addressedTo(address: string): Readonly<Record<string, string>> {
  return { [FOR_HEADER]: address };
}

/** Undefined where the event is for all. */
export function addresseeOf({ headers }: Pick<EventRecord, 'headers'>): string | undefined {
  return headers[FOR_HEADER];
}

/** Whether the consumer of this address may take the record. */
export function isFor({ headers }: Pick<EventRecord, 'headers'>, address: string): boolean {
  const only = headers[FOR_HEADER];
  return only === undefined || only === address;
}
