// Large data: what its address gives is what was published, byte for byte.
import { createHash } from 'node:crypto';
import type { Handler } from '../functions/work.ts';

export interface Large {
  readonly handler: Handler;
  /** Its data, as they are sent. */
  dataOf(number: number): { readonly id: string; readonly number: number; readonly filling: string };
  acknowledged(number: number): void;
  readonly count: number;
  /** By what each event in the topic has: its address, and what that gives. */
  differences(events: readonly SeenLarge[]): string[];
}

export interface SeenLarge {
  readonly id: string;
  /** Undefined: the data are in the event itself. */
  readonly address: string | undefined;
  readonly bytes: Uint8Array;
}

const SMALLEST = 1000;
const LARGEST = 200_000;

export const largeId = (number: number): string => `large-${number}`;

export function createLarge(largestInline: number): Large {
  const acknowledged = new Set<string>();
  const handled = new Map<string, string | undefined>();
  const dataOf = (number: number) => {
    const line = createHash('sha256').update(`${number}`).digest('base64');
    const size = SMALLEST + ((number * 7919) % (LARGEST - SMALLEST));
    return { id: largeId(number), number, filling: line.repeat(Math.ceil(size / line.length)).slice(0, size) };
  };
  const bytesOf = (id: string) => Buffer.from(JSON.stringify(dataOf(Number(id.slice(id.lastIndexOf('-') + 1)))));
  return {
    dataOf,
    handler: (_, id, headers = {}) => ({
      ms: 2,
      done() {
        handled.set(id, headers['ce-dataref']?.toString());
        return '';
      },
      failed() {},
    }),
    get count() {
      return acknowledged.size;
    },
    acknowledged: number => void acknowledged.add(largeId(number)),
    differences(events) {
      const there = new Map(events.map(event => [event.id, event]));
      const wrong = [...acknowledged].filter(id => !there.has(id)).map(id => `${id} is not in the topic`);
      for (const { id, address, bytes } of events) {
        const expected = bytesOf(id);
        if (!expected.equals(bytes)) wrong.push(`${id} has ${bytes.length} bytes that are not its own`);
        if (expected.length > largestInline && address === undefined) wrong.push(`${id} is too large for the topic`);
        if (!handled.has(id)) wrong.push(`${id} was not delivered`);
      }
      for (const [id, address] of handled)
        if (address !== undefined && !events.some(event => event.id === id && event.address === address))
          wrong.push(`${id} was delivered with the address ${address}, which the topic does not have`);
      return wrong;
    },
  };
}
