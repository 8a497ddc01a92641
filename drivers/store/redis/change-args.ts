// Changes as arguments of the script that makes them: a letter, then as many arguments as the
// letter has there (lua/apply.ts).
import type { RedisArgument } from '@redis/client';
import type { Change, PutRow } from '../changes.ts';
import { indexPlaceOf } from '../scan-range.ts';

export function changeArgs(change: Change): RedisArgument[] {
  switch (change.kind) {
    case 'put':
      return ['P', change.key, bytesArg(change.value), String(change.ttlMs)];
    case 'delete':
      return ['D', change.key];
    case 'put-row':
      return ['R', change.table, change.key, bytesArg(change.value), ttlArg(change.ttlMs), placesArg(change)];
    case 'delete-row':
      return ['E', change.table, change.key];
    case 'score': {
      const { ranking, member, score, mode, limit, value, ttlMs } = change;
      const shown = value === undefined ? ['0', ''] : ['1', bytesArg(value)];
      return ['S', ranking, member, String(score), mode, String(limit), ...shown, ttlArg(ttlMs)];
    }
    case 'unrank':
      return ['U', change.ranking, change.member];
    case 'push': {
      const { feed, owner, id, at, value, limit, ttlMs } = change;
      return ['F', feed, owner, id, String(at), bytesArg(value), String(limit), ttlArg(ttlMs)];
    }
    case 'unpush':
      return ['G', change.feed, change.owner, change.id];
    case 'count':
      return ['C', change.counter, String(change.by), ttlArg(change.ttlMs)];
    case 'set-timer':
      return ['T', change.timer, String(change.inMs), bytesArg(change.payload)];
    case 'cancel-timer':
      return ['X', change.timer];
  }
}

/** Whether it may be refused when it meets what is there. */
export function needsCheck({ kind }: Change): boolean {
  return kind === 'count' || kind === 'score';
}

export function bytesArg(value: Uint8Array | string): RedisArgument {
  return typeof value === 'string' ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function ttlArg(ttlMs: number | undefined): string {
  return ttlMs === undefined ? '' : String(ttlMs);
}

/** For each index its name and the place, each after its length. */
function placesArg({ key, indexes = {} }: PutRow): RedisArgument {
  const parts: Buffer[] = [];
  for (const [index, values] of Object.entries(indexes)) {
    const place = indexPlaceOf(values, key);
    const name = Buffer.from(index);
    const head = Buffer.alloc(2);
    head.writeUInt16BE(name.length);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(place.length);
    parts.push(head, name, size, place);
  }
  return parts.length === 0 ? '' : Buffer.concat(parts);
}
