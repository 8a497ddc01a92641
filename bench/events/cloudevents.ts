// Decoding and encoding CloudEvents by hand against the `cloudevents` package: a usual
// event with 200 bytes of JSON.
import { HTTP } from 'cloudevents';
import { decodeEvent } from '../../core/cloudevents/decode.ts';
import { encodeBinary, encodeStructured } from '../../core/cloudevents/encode.ts';
import { order } from '../functions/runtime/payload.mjs';
import { median, publish, toTable } from '../measure/report.ts';

const ROUNDS = 15;
const ROUND_MS = 100;
const BATCH = 500;

const body = Buffer.from(JSON.stringify(order));
const raw = [
  ...['Host', 'shop.test', 'Accept', '*/*', 'Content-Type', 'application/json', 'Content-Length', String(body.length)],
  ...['ce-specversion', '1.0', 'ce-id', '3f1c0c2e-6a0b-4a57-9a3e-0f4f8b7b9a11', 'ce-source', '/shop/orders'],
  ...[
    'ce-type',
    'OrderCreated',
    'ce-time',
    '2026-01-31T12:00:00.000Z',
    'ce-subject',
    'ord-000123',
    'ce-partitionkey',
    'cus-0042',
  ],
];
const joined: Record<string, string> = {};
for (let index = 0; index < raw.length; index += 2) joined[(raw[index] ?? '').toLowerCase()] = raw[index + 1] ?? '';
const event = decodeEvent(raw, body);
const structured = Buffer.from(String(encodeStructured(event).body));
const structuredType = ['content-type', 'application/cloudevents+json'];
const theirs = HTTP.toEvent({ headers: joined, body: body.toString() });
const oracle = Array.isArray(theirs) ? theirs[0] : theirs;
if (oracle === undefined) throw new Error('the package decodes nothing');

// The package takes Node's joined headers and text; what its users do to get those is counted as
// theirs, the headers excepted.
const work: ReadonlyArray<readonly [what: string, ours: () => unknown, theirs: () => unknown]> = [
  ['decode, binary mode', () => decodeEvent(raw, body), () => HTTP.toEvent({ headers: joined, body: body.toString() })],
  [
    'decode, structured mode',
    () => decodeEvent(structuredType, structured),
    () => HTTP.toEvent({ headers: { 'content-type': 'application/cloudevents+json' }, body: structured.toString() }),
  ],
  ['encode, binary mode', () => encodeBinary(event), () => HTTP.binary(oracle)],
  ['encode, structured mode', () => encodeStructured(event), () => HTTP.structured(oracle)],
];
const floor = [
  'JSON.parse of the data alone',
  () => JSON.parse(body.toString()),
  () => JSON.parse(body.toString()),
] as const;

let kept: unknown;

/** CPU microseconds of one run; kept in a variable, so that the work cannot be left out. */
function measure(run: () => unknown): number {
  const before = process.cpuUsage();
  const until = performance.now() + ROUND_MS;
  let runs = 0;
  while (performance.now() < until) {
    for (let index = 0; index < BATCH; index++) kept = run();
    runs += BATCH;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / runs;
}

const rows: string[][] = [];
for (const [what, ours, other] of [...work, floor]) {
  const samples: [number[], number[]] = [[], []];
  for (let round = 0; round <= ROUNDS; round++) {
    const mine = measure(ours);
    const theirs = measure(other);
    // Round 0 warms up.
    if (round === 0) continue;
    samples[0].push(mine);
    samples[1].push(theirs);
  }
  const [mine, peer] = [median(samples[0]), median(samples[1])];
  const isFloor = what === floor[0];
  rows.push([what, mine.toFixed(2), isFloor ? '' : peer.toFixed(2), isFloor ? '' : `${(peer / mine).toFixed(1)}×`]);
}
if (kept === undefined) throw new Error('nothing was measured');
publish('cloudevents', 'CloudEvents: decode and encode', [
  `One event with 8 attributes and ${body.length} bytes of JSON data; median CPU time of ${ROUNDS} interleaved rounds of ${ROUND_MS} ms.`,
  toTable(['', 'ours, µs', 'cloudevents 10, µs', 'ratio'], rows),
  'Bars: at most 2 µs for a binary decode; at least 8× the package.',
]);
