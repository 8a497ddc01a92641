// Runs one plan: everything goes wrong for a while, then all is well, and
// everything must come to an end.
import type { DeadLetter } from '../../../worker/dispatch/settings.ts';
import { type Consumer, TOPIC } from '../consumers/consumer.ts';
import { SimulatedFunction } from '../functions/simulated-function.ts';
import { Simulation } from '../kernel/simulation.ts';
import { SimulatedBroker } from '../log/broker.ts';
import { Ledger } from '../model/ledger.ts';
import { observe } from '../model/observe.ts';
import { Asker } from '../stories/asker.ts';
import { type Compared, NONE_COMPARED } from '../stories/compared.ts';
import { happen, heal, nudge, type Stage } from './happen.ts';
import { Owner } from './owner.ts';
import { Person } from './person.ts';
import type { Plan } from './plan.ts';
import { startPublisher } from './publisher.ts';
import { demandQuiescence } from './quiescence.ts';

export interface RunResult {
  readonly error: Error | undefined;
  readonly steps: number;
  readonly virtualMs: number;
  readonly trace: string;
  /** Rare states that were visited. */
  readonly sights: ReadonlySet<string>;
  readonly ledger: Ledger;
  /** The stories that were asked for. */
  readonly stories: Compared;
}

export function runPlan(plan: Plan, consumer: Consumer, options = { timeline: false }): RunResult {
  const simulation = new Simulation(plan.seed);
  const broker = new SimulatedBroker(simulation, plan.log);
  broker.maxMetadata = plan.limits.metadataBytes;
  const sights = new Set<string>();
  const saw = (sight: string) => void sights.add(sight);
  const truth = consumer.truth(broker, saw);
  const ledger = new Ledger(simulation, plan.limits, truth, { ...options, saw });
  observe(broker, ledger, saw);
  broker.ensureTopic(TOPIC, { partitions: plan.limits.partitions });

  let failure: Error | undefined;
  const fail = (error: unknown) => {
    failure ??= error instanceof Error ? error : new Error(String(error));
  };
  const functions = new SimulatedFunction(simulation, ledger, plan.functions, fail);
  const told = new Set<string>();
  const deadLettered = (letter: DeadLetter) => {
    // Whoever must be told may not be there, or its answer gets lost.
    if (simulation.chance.happens('telling fails', plan.log.callFails)) return false;
    told.add(`${letter.partition}/${letter.offset}`);
    return !simulation.chance.happens('told, and nobody knows', plan.log.callFails);
  };
  simulation.invariants.push(() => {
    if (failure) throw failure;
    if (truth.broken) throw truth.broken;
  });

  const { limits } = plan;
  const context = { saw, broker, ledger, functions, consumer, limits, deadLettered, fail };
  const owners = Array.from({ length: limits.owners }, (_, index) => new Owner(context, `o${index}`));
  const person = consumer.hasParkingLog ? new Person(broker, ledger, { order: limits.order, saw, fail }) : undefined;
  const { seed } = plan;
  const asker = consumer.hasParkingLog
    ? new Asker({ simulation, broker, ledger, truth, limits, seed, saw, fail })
    : undefined;
  const stage: Stage = { broker, functions, ledger, owners, person };
  try {
    for (const owner of owners)
      simulation.after(simulation.chance.int('start', 0, 2_000), 'start', () => owner.start());
    for (const happening of plan.happenings)
      simulation.after(happening.at, happening.kind, () => happen(stage, happening));
    let healed = false;
    nudge(stage, plan.nudges, () => healed);
    asker?.start();
    const publisher = startPublisher(broker, limits, fail);
    simulation.run(limits.spanMs);
    healed = true;
    heal(stage);
    demandQuiescence({ stage, publisher, limits, truth, told });
    asker?.askAtLast();
  } catch (error) {
    fail(error);
  }
  return {
    error: failure,
    steps: simulation.steps,
    virtualMs: simulation.now,
    trace: simulation.chance.trace,
    sights,
    ledger,
    stories: asker?.compared ?? NONE_COMPARED,
  };
}
