// The place where a search for events goes on, as text that clients give back: the Topic or the
// Queue, and the part of it that the search has not looked through.
import type { EventOwner } from '../../../admin/topic-view.ts';
import { decodePosition, encodePosition, type ScanPosition } from '../topics/scan-position.ts';

export function encodeNext(owner: EventOwner, topic: string, position: ScanPosition): string {
  return `${prefixOf(owner)}${encodePosition(topic, position)}`;
}

/** Undefined for that of another Topic or Queue. Throws `bad-request` for text that was changed. */
export function decodeNext(owner: EventOwner, topic: string, text: string): ScanPosition | undefined {
  const prefix = prefixOf(owner);
  return text.startsWith(prefix) ? decodePosition(topic, text.slice(prefix.length)) : undefined;
}

function prefixOf({ kind, name }: EventOwner): string {
  return `${kind.toLowerCase()}/${name}/`;
}
