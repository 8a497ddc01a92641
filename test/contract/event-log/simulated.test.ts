// The contract of the log on the simulated log without faults, so that what is proved over
// it holds for the real ones.

import { Simulation } from '../../simulation/kernel/simulation.ts';
import { EPOCH } from '../../simulation/kernel/virtual-time.ts';
import { SimulatedBroker } from '../../simulation/log/broker.ts';
import { NO_LOG_FAULTS } from '../../simulation/log/log-faults.ts';
import { SimulatedLog } from '../../simulation/log/simulated-log.ts';
import { eventLogContract } from './event-log-contract.ts';

const simulation = new Simulation(1);

eventLogContract({
  name: 'simulated',
  hasManyClients: true,
  rebalanceMs: 5000,
  now: () => EPOCH + simulation.now,
  async create() {
    const broker = new SimulatedBroker(simulation, NO_LOG_FAULTS);
    const stop = run(simulation);
    let clients = 0;
    return {
      open: async () => new SimulatedLog(broker, simulation.process(`client ${++clients}`)),
      destroy: async () => stop(),
    };
  },
});

/** Lets virtual time pass while the test waits for real. */
function run(simulated: Simulation): () => void {
  let isRunning = true;
  const tick = () => {
    if (isRunning) simulated.after(1, 'time passes', tick);
  };
  const turn = () => {
    if (!isRunning) return;
    simulated.step(() => {});
    setImmediate(turn);
  };
  tick();
  turn();
  return () => {
    isRunning = false;
  };
}
