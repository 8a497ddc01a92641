// The tables of docs/scaling.md are those that the model makes of what was measured, and the
// model counts as it should.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { clusterLoad, limits, prices } from '../../bench/platform/scaling/assumptions.ts';
import { type Costs, plan } from '../../bench/platform/scaling/model.ts';
import { figure } from '../../bench/platform/scaling/read-page.ts';

const costs: Costs = {
  request: 40,
  accept: 30,
  dispatch: 30,
  fold: 40,
  window: 6,
  brokerAppend: 5,
  brokerRead: 5,
  redisFold: 16,
  redisWindow: 1,
  gatewayMb: 120,
  workerMb: 330,
};
const inputs = { costs, load: clusterLoad, limits, prices };
const named = (word: string, cluster = plan(inputs)) => {
  const part = cluster.parts.find(({ name }) => name.startsWith(word));
  assert.ok(part, word);
  return part;
};

describe('docs/scaling.md', () => {
  it('has the tables that the model makes of bench/results/', () => {
    const script = fileURLToPath(new URL('../../bench/platform/scaling-model.ts', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, ['--conditions=tenfold-source', script, '--check'], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
  });

  it('gives each part the cores that its events cost, with room', () => {
    // 100,000 requests of 40 µs are 4 cores, at 60%.
    assert.equal(named('gateways: requests').count, Math.ceil(4 / 0.6));
    assert.equal(named('workers: events delivered').count, Math.ceil(30 / 0.6));
    const dearer = plan({ ...inputs, costs: { ...costs, dispatch: 60 } });
    assert.equal(named('workers: events delivered', dearer).count, 100);
    assert.equal(named('workers: events folded', dearer).count, named('workers: events folded').count);
  });

  it('gives as many brokers as bytes need where cores would need fewer', () => {
    const cheap = { ...costs, brokerAppend: 0.01, brokerRead: 0.01 };
    const { parts, written, read } = plan({ ...inputs, costs: cheap });
    const brokers = parts.find(({ name }) => name.startsWith('brokers'))?.count ?? 0;
    assert.ok(brokers * limits.brokerBytes >= written * (limits.replicas - 1) + read);
    assert.ok(brokers > 3);
    assert.equal(plan({ ...inputs, load: { ...clusterLoad, eventsPerSecond: 10 } }).parts.at(-2)?.count, 3);
  });

  it('costs in proportion to the load', () => {
    const sum = ({ money }: ReturnType<typeof plan>) => Object.values(money).reduce((total, one) => total + one, 0);
    const more = plan({ ...inputs, load: { ...clusterLoad, eventsPerSecond: 1e7, requestsPerSecond: 1e6 } });
    const ratio = sum(more) / sum(plan(inputs));
    assert.ok(ratio > 9.8 && ratio < 10.2, String(ratio));
  });

  it('names the page, the row and the column of a figure that is not there', () => {
    assert.throws(() => figure('gateway-proxy', 'no such row', 'CPU µs/request'), /gateway-proxy\.md.*no such row/);
  });
});
