// A process that has the metrics of a platform and nothing else: prints how often its event loop
// has turned in about a second.
import { setTimeout as sleep } from 'node:timers/promises';
import { createInstruments } from '../../../gateway/plan/instruments.ts';
import { createMetrics } from '../../../server/metrics/metrics.ts';

const none = () => [];
createMetrics(
  '0.0.0',
  none,
  createInstruments,
  { consumers: [], own: {}, bucket: async () => undefined } as never,
  () => undefined,
);
const { performance } = globalThis;
await sleep(200);
const turnsNow = () => performance.nodeTiming.uvMetricsInfo.loopCount;
const [turns, began] = [turnsNow(), performance.now()];
await sleep(1000);
process.stdout.write(JSON.stringify({ turns: turnsNow() - turns, seconds: (performance.now() - began) / 1000 }));
