// The cost of an object per call of a function, so that the call can be repeated, against the call
// as its own receiver. Without sockets: processor time per call alone. `--calls 10000 --rounds 3`
// for a quick look.
import { parseArgs } from 'node:util';
import { realWorld } from '../../core/world.ts';
import type { FunctionHost, Lease } from '../../drivers/function-host/function-host.ts';
import type { Call } from '../../gateway/exchange/target.ts';
import { createVariables } from '../../gateway/exchange/variables.ts';
import type { Transport } from '../../gateway/transport/transport.ts';
import { CallTimes } from '../../gateway/upstream/call-times.ts';
import { dispatch } from '../../gateway/upstream/dispatch.ts';
import { createFunctionTarget } from '../../gateway/upstream/function-target.ts';
import { AskedPause } from '../../gateway/upstream/policies/asked-pause.ts';
import { RetryBudget } from '../../gateway/upstream/policies/retry-budget.ts';
import { loadNow } from '../measure/machine.ts';
import { median, publish, toTable } from '../measure/report.ts';

const { values } = parseArgs({
  options: { calls: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '15' } },
});
const calls = Number(values.calls);

const control = { rawHeaders: [], pause() {}, resume() {}, abort() {} };
const chunk = Buffer.alloc(300);
/** Answers at once, as if all of it had come in one piece. */
const transport: Transport = {
  send(_request, handler) {
    handler.onRequestStart(control);
    handler.onResponseStart(control, 200);
    handler.onResponseData(control, chunk);
    handler.onResponseEnd(control);
  },
  async close() {},
  async destroy() {},
};
const never = new AbortController().signal;
let bytes = 0;
function makeCall(): Call {
  let ended = false;
  return {
    ...{ method: 'GET', path: '/', headers: ['accept', '*/*'], body: null, remainingMs: 29_000, begun: false },
    trace: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', flags: '01' },
    variables,
    signal: never,
    place: undefined,
    get ended() {
      return ended;
    },
    hold() {},
    fail(error) {
      throw error;
    },
    onRequestStart() {},
    onResponseStart() {},
    onResponseData(_control, data) {
      bytes += data.length;
    },
    onResponseEnd() {
      ended = true;
    },
    onResponseError(_control, error) {
      throw error;
    },
  };
}
const variables = createVariables({
  head: { method: 'GET', path: '/', query: '', host: 'a', fields: [] },
  ...{ params: {}, claims: undefined, consumer: undefined, parsedBody: undefined },
});
const lease = (): Lease => ({ origin: 'http://127.0.0.1:1', basePath: '', release() {}, holder: undefined });
const host: FunctionHost = {
  apply() {},
  tryAcquire: lease,
  acquire: async () => lease(),
  status: () => [],
  async close() {},
};
const budget = new RetryBudget();
const times = new CallTimes(realWorld);
const pause = new AskedPause(realWorld);
const target = createFunctionTarget({
  ...{ world: realWorld, host, transport, namespace: 'default', name: 'orders', ownHeaders: [], pause, budget, times },
});
const WAYS: Readonly<Record<string, (call: Call) => void>> = {
  'the call itself': call => {
    budget.call(realWorld.monotonic());
    dispatch(call, transport, lease(), 'default');
  },
  'an object in between': call => target.send(call),
};

const samples = new Map(Object.keys(WAYS).map(name => [name, [] as number[]]));
const WARM_UP = 2;
for (let round = 0; round < WARM_UP + Number(values.rounds); round++)
  for (const [name, send] of Object.entries(WAYS)) {
    const before = process.cpuUsage();
    for (let left = calls; left > 0; left--) send(makeCall());
    const { user, system } = process.cpuUsage(before);
    if (round >= WARM_UP) samples.get(name)?.push(((user + system) * 1000) / calls);
  }
if (bytes !== 300 * calls * 2 * (WARM_UP + Number(values.rounds))) throw new Error('not every call got its answer');
const [straight = 0, between = 0] = [...samples.values()].map(median);
publish('function-call', 'What it costs that a call of a function can be sent again', [
  `Each call is sent and gets an answer of 300 bytes at once, without sockets; medians of ${values.rounds} interleaved rounds of ${calls.toLocaleString('en')} calls, user and system time. ${loadNow()}`,
  toTable(
    ['who receives the answer', 'ns per call'],
    [...samples].map(([name, all]) => [name, median(all).toFixed(0)]),
  ),
  `The object costs ${(between - straight).toFixed(0)} ns for each call.`,
]);
