// Processes that share the limits of a function, in a simulation of their own.
import type { LimitSettings } from '../../../gateway/upstream/policies/call-limits.ts';
import { Simulation } from '../kernel/simulation.ts';
import { SimulatedCaller } from './simulated-caller.ts';
import { SimulatedDownstream } from './simulated-downstream.ts';
import { type LeaseFaults, SimulatedLeaseServer } from './simulated-leases.ts';

export const KIND: LeaseFaults = { latencyMs: 3, lost: 0 };

export function create(seed: number, limits: Partial<LimitSettings>, faults: LeaseFaults = KIND, callMs = 50) {
  const simulation = new Simulation(seed);
  const server = new SimulatedLeaseServer(simulation);
  const downstream = new SimulatedDownstream(simulation);
  const settings: LimitSettings = { waiting: 1000, maxWait: 10_000, timeout: 2_000, ...limits };
  const callers: SimulatedCaller[] = [];
  const join = (clients: number) => {
    const process = simulation.process(`p${callers.length}`);
    const caller = new SimulatedCaller({
      process,
      server,
      faults,
      downstream,
      settings,
      callMs: () => callMs * (0.5 + simulation.chance.unit('call')),
    });
    callers.push(caller);
    caller.load(clients);
    return caller;
  };
  const pass = (ms: number) => simulation.run(simulation.now + ms);
  /** Part of the limit that was in use for the next `ms`. */
  const used = (ms: number, limit: number) => {
    const before = downstream.busyMs;
    pass(ms);
    return (downstream.busyMs - before) / (limit * ms);
  };
  return { simulation, server, downstream, callers, join, pass, used };
}
