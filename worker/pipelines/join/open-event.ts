// An event that waits in a join for those of the other side, and its row in the store.
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import { parseExactly, toExactText } from '../../../core/units/whole-numbers.ts';
import type { Side } from './join-plan.ts';

/**
 * `alone`: no event of the other side belongs to it yet. `said`: it was reported so, as nothing
 * came for long.
 */
type Company = 'alone' | 'said' | 'paired';

export interface OpenEvent {
  /** Name of its row, the same however often it comes. */
  readonly row: string;
  readonly side: Side;
  readonly key: string;
  /** When it happened, milliseconds since 1970. */
  readonly time: number;
  company: Company;
  /** The end of the ids of events that are made of it. */
  readonly place: string;
  /** Memory that it is taken to need. */
  readonly bytes: number;
  readonly timestamp: number;
  /** What results inherit. */
  readonly headers: Readonly<Record<string, string>>;
  readonly event: CloudEvent;
  /** The event has changed since it was written. */
  unsaved: boolean;
}

type Saved = readonly [
  side: Side,
  key: string,
  time: number,
  company: Company,
  place: string,
  bytes: number,
  timestamp: number,
  headers: OpenEvent['headers'],
  event: CloudEvent,
];

export function encodeOpenEvent(open: OpenEvent): string {
  const { side, key, time, company, place, bytes, timestamp, headers, event } = open;
  const saved: Saved = [side, key, time, company, place, bytes, timestamp, headers, event];
  return toExactText(saved);
}

export function decodeOpenEvent(row: string, text: string): OpenEvent {
  const saved = parseExactly(text) as Saved;
  const [side, key, time, company, place, bytes, timestamp, headers, event] = saved;
  return { row, side, key, time, company, place, bytes, timestamp, headers, event, unsaved: false };
}

/** The order of results, which is the same after each load. */
export function inOrder(one: OpenEvent, other: OpenEvent): number {
  return one.time - other.time || (one.row < other.row ? -1 : 1);
}
