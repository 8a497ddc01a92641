// Accepting events: POST of 200 bytes to a topic by 256 clients, answered when durable; against the
// same server over a log that keeps nothing.
// `--seconds 1 --rounds 2` for a quick look.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { load, toRequest } from '../measure/load.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { canPin, pinSelf, type ServerProcess, startServer } from '../measure/server-process.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '256' },
  },
});
const flags = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];
const servers = [
  ['durable', { LOG: 'sqlite' }],
  ['the same without the index of events', { LOG: 'sqlite', INDEX: 'none' }],
  ['the same without the append', { LOG: 'none' }],
  ['a topic with `deduplicate`, each event new', { LOG: 'sqlite', DEDUPLICATE: '1' }],
  ['a topic with `deduplicate`, each published again', { LOG: 'sqlite', DEDUPLICATE: '1' }],
] as const;
// A CloudEvent in binary mode, as most producers send it: 200 bytes of JSON.
const data = JSON.stringify({ orderId: '0193f3a2-17', table: 7, items: 'x'.repeat(200 - 54) });
const fields = ['ce-specversion: 1.0', 'ce-id: 1', 'ce-source: /bench', 'ce-type: OrderCreated'];
const request = toRequest('POST', '/events', data, fields);
const DIGITS = 12;
const numbered = toRequest('POST', '/events', data, [
  fields[0] ?? '',
  `ce-id: ${'0'.repeat(DIGITS)}`,
  ...fields.slice(2),
]);
const idAt = numbered.indexOf('0'.repeat(DIGITS));
/** Requests with numbers for ids, which begin anew after so many. */
const requestsOf = (events: number) => {
  let sent = 0;
  return () => {
    const next = Buffer.from(numbered);
    next.write(String(sent++ % events).padStart(DIGITS, '0'), idAt, 'latin1');
    return next;
  };
};
const AGAIN = 1_000;
const requests: Readonly<Record<string, Buffer | (() => Buffer)>> = {
  'a topic with `deduplicate`, each event new': requestsOf(Number.MAX_SAFE_INTEGER),
  // The first round, which is not measured, publishes them for the first time.
  'a topic with `deduplicate`, each published again': requestsOf(AGAIN),
};

pinSelf(0);
const running: (readonly [string, ServerProcess])[] = [];
// Beside this script and not in the folder for temporary files, which may be in memory.
const folder = mkdtempSync(join(import.meta.dirname, 'event-accept/.data-'));
for (const [index, [name, env]] of servers.entries()) {
  running.push([
    name,
    await startServer([...flags, 'event-accept/server.ts'], 1, import.meta.dirname, {
      ...env,
      DATA: join(folder, String(index)),
    }),
  ]);
}
const samples = new Map<string, { rate: number; cpuUs: number; p99: number }[]>();
for (let round = 0; round <= Number(values.rounds); round++) {
  for (const [name, server] of running) {
    const before = server.cpuMs();
    const sent = await load({
      port: server.port,
      connections: Number(values.connections),
      durationMs: Number(values.seconds) * 1000,
      request: requests[name] ?? request,
      status: 204,
      // They name the position of the event.
      varying: true,
    });
    const sorted = sent.latenciesMs.toSorted((a, b) => a - b);
    const sample = {
      rate: sent.requests / sent.seconds,
      cpuUs: ((server.cpuMs() - before) * 1000) / sent.requests,
      p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    };
    // Round 0 warms up.
    if (round > 0) samples.set(name, [...(samples.get(name) ?? []), sample]);
  }
}
for (const [, server] of running) server.stop();
rmSync(folder, { recursive: true, force: true });

const of = (name: string) => {
  const all = samples.get(name) ?? [];
  const figure = (key: 'rate' | 'cpuUs' | 'p99') => median(all.map(sample => sample[key]));
  return { rate: figure('rate'), cpuUs: figure('cpuUs'), p99: figure('p99') };
};
const rows = running.map(([name]) => {
  const { rate, cpuUs, p99 } = of(name);
  return [name, Math.round(rate).toLocaleString('en'), cpuUs.toFixed(1), p99.toFixed(1)];
});
const { rate } = of('durable');
const share = rate / of('the same without the append').rate;
publish('event-accept', 'Accepting events: POST of 200 bytes to a topic, answered when durable', [
  `${values.connections} connections, one request in flight on each; all threads of the server ${canPin ? 'pinned to one core, load from the other' : 'not pinned'}; median of ${values.rounds} interleaved rounds of ${values.seconds} s. CPU is user and system time of the server's process, its database thread included. Each request passes the whole public listener: route, event checked, key, size, metrics.`,
  toTable(['', 'events/s', 'CPU µs/event', 'p99 ms'], rows),
  `Bars: at least 60% of the throughput without the append (${share >= 0.6 ? 'met' : 'missed'}: ${(share * 100).toFixed(0)}%), and at least 15,000 events/s (${rate >= 15_000 ? 'met' : 'missed'}: ${Math.round(rate).toLocaleString('en')}).`,
]);
process.exit(0);
