// An owner begins again after any stop, in growing pauses, until the partition is not its own.
import assert from 'node:assert/strict';
import { keepOwning } from '../../worker/owner-loop.ts';
import { Simulation } from '../simulation/kernel/simulation.ts';

function start(own: (turn: number) => Promise<string>) {
  const simulation = new Simulation(1);
  const { world } = simulation.process('p');
  const stopping = new AbortController();
  const reports: string[] = [];
  const begun: number[] = [];
  const ended = keepOwning({
    world,
    signal: stopping.signal,
    own() {
      begun.push(simulation.now);
      return own(begun.length);
    },
    superseded: why => reports.push(`superseded: ${why}`),
    trouble: (_error, message) => reports.push(`trouble: ${message}`),
  });
  return { simulation, world, stopping, reports, begun, ended };
}

describe('an owner of a partition', () => {
  it('begins again after it was superseded and after a failure, and reports each', async () => {
    const { simulation, stopping, reports, ended } = start(async turn => {
      if (turn === 2) throw new Error('the log is away');
      return 'a newer claim';
    });
    await simulation.pass(450);
    stopping.abort();
    await simulation.drive(ended);
    assert.deepEqual(reports.slice(0, 2), ['superseded: a newer claim', 'trouble: the log is away']);
  });

  it('waits longer and longer between stops, up to 15 seconds', async () => {
    const { simulation, begun, stopping, ended } = start(async () => 'again');
    await simulation.pass(200_000);
    stopping.abort();
    await simulation.drive(ended);
    const pauses = begun.slice(1).map((at, index) => at - (begun[index] ?? 0));
    assert.ok(pauses.length < 40, `${pauses.length} turns`);
    for (const [index, pause] of pauses.entries()) {
      const ceiling = Math.min(100 * 2 ** index, 10_000);
      assert.ok(pause >= ceiling * 0.5 && pause <= ceiling * 1.5 + 1, `pause ${index}: ${pause}`);
    }
  });

  it('reports no stop that comes after the partition was lost', async () => {
    const work = Promise.withResolvers<string>();
    const { simulation, stopping, reports, ended } = start(() => work.promise);
    stopping.abort();
    work.resolve('a newer claim');
    await simulation.drive(ended);
    assert.deepEqual(reports, []);
  });
});
