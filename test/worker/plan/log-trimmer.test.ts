// Trimming of settled jobs: never what is open, never what is too young.
import assert from 'node:assert/strict';
import { trimSettled } from '../../../worker/plan/log-trimmer.ts';
import { Simulation } from '../../simulation/kernel/simulation.ts';
import { EPOCH } from '../../simulation/kernel/virtual-time.ts';
import { SimulatedBroker } from '../../simulation/log/broker.ts';
import { NO_LOG_FAULTS } from '../../simulation/log/log-faults.ts';
import { SimulatedLog } from '../../simulation/log/simulated-log.ts';

async function start() {
  const simulation = new Simulation(3);
  const broker = new SimulatedBroker(simulation, NO_LOG_FAULTS);
  const process = simulation.process('p');
  const log = new SimulatedLog(broker, process);
  broker.ensureTopic('jobs', { partitions: 1 });
  const problems: string[] = [];
  // The clock of the process that trims is a day ahead.
  process.clockError = 86_400_000;
  const store = { now: async () => EPOCH + simulation.now };
  const trimmer = trimSettled(process.world, log, store, message => problems.push(message));
  const append = (count: number) => {
    for (let n = 0; n < count; n++) {
      broker.append('jobs', [{ key: null, value: Buffer.from('x'), headers: {}, partition: 0 }], 'publisher');
    }
  };
  const bounds = async () => (await simulation.drive(log.bounds('jobs')))?.[0];
  const settle = (offset: number) => broker.setPosition('g', 'jobs', 0, { offset, metadata: '' });
  return { simulation, trimmer, append, bounds, settle, problems };
}

describe('trimming of settled jobs', () => {
  const topic = { topic: 'jobs', group: 'g', keepMs: 10_000 };

  it('takes away what is settled and old, and nothing else', async () => {
    const { simulation, trimmer, append, bounds, settle } = await start();
    trimmer.apply([topic]);
    append(10);
    await simulation.pass(200_000);
    assert.equal((await bounds())?.start, 0);
    const positions = (await bounds())?.end ?? 0;
    settle(positions - 3);
    await simulation.pass(200_000);
    assert.equal((await bounds())?.start, positions - 3);
    trimmer.close();
  });

  it('keeps what is young, though settled', async () => {
    const { simulation, trimmer, append, bounds, settle } = await start();
    trimmer.apply([{ ...topic, keepMs: 3_600_000 }]);
    append(5);
    settle((await bounds())?.end ?? 0);
    await simulation.pass(300_000);
    assert.equal((await bounds())?.start, 0);
    trimmer.close();
  });

  it('says so and goes on when one cannot be trimmed', async () => {
    const { simulation, trimmer, append, bounds, settle, problems } = await start();
    trimmer.apply([{ ...topic, topic: 'gone' }, topic]);
    append(5);
    settle((await bounds())?.end ?? 0);
    await simulation.pass(300_000);
    assert.ok(((await bounds())?.start ?? 0) > 0);
    assert.deepEqual(
      [...new Set(problems)].filter(each => !/gone/.test(each)),
      [],
    );
    trimmer.close();
  });

  it('ends when it is closed', async () => {
    const { simulation, trimmer, append, bounds, settle } = await start();
    trimmer.apply([topic]);
    trimmer.close();
    append(5);
    settle((await bounds())?.end ?? 0);
    await simulation.pass(300_000);
    assert.equal((await bounds())?.start, 0);
  });
});
