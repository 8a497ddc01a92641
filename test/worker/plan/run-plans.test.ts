// Plans in force run; unchanged ones go on, and a changed one waits for the end of the former one.
import assert from 'node:assert/strict';
import { type Plan, RunningPlans } from '../../../worker/plan/run-plans.ts';
import { Simulation } from '../../simulation/kernel/simulation.ts';

interface Named extends Plan {
  readonly name: string;
}

function start(endMs = 0) {
  const simulation = new Simulation(1);
  const { world } = simulation.process('p');
  const seen: string[] = [];
  const problems: string[] = [];
  const broken = new Set<string>();
  const plans = new RunningPlans<Named, { close(graceMs: number): Promise<void> }>({
    world,
    keyOf: ({ name }) => name,
    nameOf: ({ name }) => `Thing ${name}`,
    async start({ name, fingerprint }) {
      const id = `${name}${fingerprint}`;
      if (broken.has(id)) throw new Error('not yet');
      seen.push(`start ${id}`);
      return {
        async close() {
          if (broken.has(id)) throw new Error('stuck');
          await new Promise<void>(resolve => world.after(endMs, resolve));
          seen.push(`end ${id}`);
        },
      };
    },
    problem: (message, error) => problems.push(`${message}: ${error}`),
  });
  const apply = async (...wanted: [name: string, fingerprint: string][]) => {
    const gone = plans.apply(wanted.map(([name, fingerprint]) => ({ name, fingerprint })));
    await simulation.pass(1_000);
    return gone.map(({ name, fingerprint }) => `${name}${fingerprint}`);
  };
  return { simulation, plans, seen, problems, broken, apply };
}

describe('the plans in force', () => {
  it('go on unchanged, start anew when changed, and end when gone, which is reported once', async () => {
    const { seen, apply } = start();
    assert.deepEqual(await apply(['a', '1'], ['b', '1'], ['c', '1']), []);
    assert.deepEqual(await apply(['a', '1'], ['b', '2']), ['c1']);
    assert.deepEqual(await apply(['a', '1'], ['b', '2']), []);
    assert.deepEqual(seen.slice(0, 3), ['start a1', 'start b1', 'start c1']);
    assert.deepEqual(seen.slice(3).sort(), ['end b1', 'end c1', 'start b2']);
  });

  it('wait for the end of every former one of their key', async () => {
    const { seen, apply, plans, simulation } = start(10_000);
    await apply(['a', '1']);
    await apply(['a', '2']);
    await apply(['a', '3']);
    await simulation.pass(60_000);
    assert.deepEqual(seen, ['start a1', 'end a1', 'start a2', 'end a2', 'start a3']);
    assert.equal(plans.of({ name: 'a', fingerprint: '3' })?.plan.fingerprint, '3');
  });

  it('are tried again after a failed start, and one that does not end well holds up nothing', async () => {
    const { seen, apply, plans, problems, broken, simulation } = start();
    broken.add('a1');
    await apply(['a', '1']);
    await simulation.drive(plans.tried());
    assert.match(problems[0] ?? '', /^Thing a does not start: Error: not yet$/);
    broken.clear();
    await simulation.pass(20_000);
    broken.add('a1');
    await apply(['a', '2']);
    assert.deepEqual(seen, ['start a1', 'start a2']);
    assert.equal(problems.at(-1), 'Thing a did not end well: Error: stuck');
  });

  it('all end on closing, and none begins after it', async () => {
    const { seen, apply, plans, simulation } = start(100);
    await apply(['a', '1'], ['b', '1']);
    await simulation.drive(plans.close(0));
    assert.deepEqual(await apply(['c', '1']), []);
    assert.deepEqual(seen, ['start a1', 'start b1', 'end a1', 'end b1']);
    assert.deepEqual(plans.running, []);
  });
});
