// The simulated log as somebody has it who only looks: with draws of its own, so that whoever looks
// changes no run.
import { Chance } from '../kernel/chance.ts';
import type { Simulation } from '../kernel/simulation.ts';
import type { VirtualTime } from '../kernel/virtual-time.ts';
import type { SimulatedBroker } from '../log/broker.ts';
import type { LogFaults } from '../log/log-faults.ts';
import type { SharedLog } from '../log/shared-log.ts';

/** The same time, and other draws. */
export function timeApart(simulation: Simulation, seed: number): VirtualTime {
  const chance = new Chance(seed);
  return {
    chance,
    get now() {
      return simulation.now;
    },
    after: (ms, label, act) => simulation.after(ms, label, act, chance.unit('tie')),
  };
}

/**
 * Calls take as long as those of others, or longer where `slowness` says so. None fails but while
 * the log is down.
 */
export function logApart(
  broker: SimulatedBroker,
  simulation: VirtualTime,
  slowness: () => Partial<Pick<LogFaults, 'slow' | 'slowMs'>>,
): SharedLog {
  return {
    simulation,
    get faults() {
      return { ...broker.faults, ...slowness(), callFails: 0 };
    },
    get down() {
      return broker.down;
    },
    partitions: topic => broker.partitions(topic),
    partition: (topic, partition) => broker.partition(topic, partition),
    heldFor: (topic, partition, by) => broker.heldFor(topic, partition, by),
    position: (group, topic, partition) => broker.position(group, topic, partition),
    commit: (...commit) => broker.commit(...commit),
  };
}
