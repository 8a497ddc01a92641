// The producer batched by hand and nothing before it: so many callers in this process, each waiting
// for its answer. Prints figures as JSON.
import { startBatches } from './kafkajs-batches.ts';

const [brokers = '', callers = '256', seconds = '4', size = '1024'] = process.argv.slice(2);
const { append, close } = await startBatches(brokers.split(','), 'default.events');
const value = Buffer.alloc(Number(size), 'x');
const headers = { ce_specversion: '1.0', ce_id: '1', ce_source: '/bench', ce_type: 'OrderCreated' };

async function load(forMs: number): Promise<number[]> {
  const end = performance.now() + forMs;
  const latencies: number[] = [];
  const call = async (caller: number) => {
    for (let turn = caller; performance.now() < end; turn += 256) {
      const began = performance.now();
      await append(`key-${turn % 10_000}`, value, headers);
      latencies.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: Number(callers) }, (_, caller) => call(caller)));
  return latencies.sort((a, b) => a - b);
}
await load(1500);
const before = process.cpuUsage();
const began = performance.now();
const latencies = await load(Number(seconds) * 1000);
const took = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(before);
const at = (part: number) => latencies[Math.floor(latencies.length * part)] ?? 0;
const count = latencies.length;
console.log(JSON.stringify({ rate: count / took, cpuUs: (user + system) / count, p50: at(0.5), p99: at(0.99) }));
await close();
process.exit(0);
