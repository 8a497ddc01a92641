// Events in order of time over all partitions of a topic, and what windows must say of them.
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';

export interface Flight {
  readonly data: { readonly from: string; readonly delay: number };
  readonly time: string;
  readonly partition: number;
  readonly id: string;
}

const BEGIN = Date.UTC(2001, 0, 1);
const AIRPORTS = 12;
const END = 'end';

/**
 * A history: each a minute or so after the one before, at most `disorderMs` out of order. The
 * same for the same numbers.
 */
export function flightsOf(count: number, partitions: number, disorderMs: number): Flight[] {
  let state = 42;
  const draw = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  let now = BEGIN;
  return Array.from({ length: count }, (_, index) => {
    now += draw(120_000);
    const data = { from: `A${draw(AIRPORTS)}`, delay: draw(100) - 10 };
    return {
      data,
      time: new Date(now - draw(disorderMs + 1)).toISOString(),
      partition: draw(partitions),
      id: `f${index}`,
    };
  });
}

/** In every partition, long after all: windows before it are closed. */
export function endOf(partitions: number): Flight[] {
  const data = { from: END, delay: 0 };
  const time = new Date(BEGIN + 1e12).toISOString();
  return Array.from({ length: partitions }, (_, partition) => ({ data, time, partition, id: `end${partition}` }));
}

/** By key and start: how many, and their sum. */
export function dailyOf(flights: readonly Flight[], sizeMs: number): Map<string, string> {
  const days = new Map<string, { count: number; sum: number }>();
  for (const { data, time } of flights) {
    const start = Math.floor(Date.parse(time) / sizeMs) * sizeMs;
    const name = `${data.from} ${new Date(start).toISOString()}`;
    const day = days.get(name) ?? { count: 0, sum: 0 };
    days.set(name, { count: day.count + 1, sum: day.sum + data.delay });
  }
  return new Map([...days].map(([name, { count, sum }]) => [name, `${count} ${sum}`]));
}

/** The same of results: the newest of each window. */
export function saidOf(results: readonly CloudEvent[]): Map<string, string> {
  const said = new Map<string, string>();
  for (const { data } of results) {
    const { key, start, count, sum } = data as Record<string, string | number>;
    if (key !== END) said.set(`${key} ${start}`, `${count} ${sum}`);
  }
  return said;
}

export function sorted(map: ReadonlyMap<string, string>): [string, string][] {
  return [...map].sort(([one], [other]) => (one < other ? -1 : 1));
}
