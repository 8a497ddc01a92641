// Makes the happenings of a plan happen, each at its time.
import { TOPIC } from '../consumers/consumer.ts';
import type { SimulatedFunction } from '../functions/simulated-function.ts';
import type { SimulatedBroker } from '../log/broker.ts';
import { NO_LOG_FAULTS } from '../log/log-faults.ts';
import type { Ledger } from '../model/ledger.ts';
import type { Owner } from './owner.ts';
import type { Person } from './person.ts';
import { type Happening, NO_FUNCTION_FAULTS, type Nudges } from './plan.ts';

export interface Stage {
  readonly broker: SimulatedBroker;
  readonly functions: SimulatedFunction;
  readonly ledger: Ledger;
  readonly owners: readonly Owner[];
  /** Undefined where there is nothing to decide. */
  readonly person: Person | undefined;
}

export function happen(stage: Stage, happening: Happening): void {
  const { broker, functions, ledger } = stage;
  const { simulation } = broker;
  const owner = 'owner' in happening ? stage.owners[happening.owner] : undefined;
  const later = (ms: number, act: () => void) => simulation.after(ms, `${happening.kind} ends`, act);
  ledger.remark(JSON.stringify(happening));
  switch (happening.kind) {
    case 'kill':
      owner?.kill();
      later(happening.forMs, () => owner?.start());
      return;
    case 'stop':
      owner?.stop();
      later(happening.forMs, () => owner?.start());
      return;
    case 'pause': {
      const process = owner?.process;
      process?.pause();
      later(happening.forMs, () => process?.resume());
      return;
    }
    case 'rebalance':
      for (const group of broker.groups.values()) group.rebalance();
      return;
    case 'log down':
      broker.down = true;
      later(happening.forMs, () => {
        broker.down = false;
      });
      return;
    case 'function down':
      functions.down = true;
      later(happening.forMs, () => {
        functions.down = false;
      });
      return;
    case 'clock':
      if (owner?.process) owner.process.clockError += happening.byMs;
      return;
    case 'retention':
      retain(stage, happening.keep);
      return;
    case 'grow': {
      const settings = broker.topic(TOPIC)?.settings;
      if (settings && settings.partitions < happening.partitions) {
        broker.ensureTopic(TOPIC, { ...settings, partitions: happening.partitions });
      }
      return;
    }
    case 'command':
      stage.person?.command(happening.verb);
  }
}

/** Until `healed` says so. */
export function nudge({ broker, owners, ledger }: Stage, nudges: Nudges, healed: () => boolean): void {
  const { simulation } = broker;
  const { chance } = simulation;
  const { killOnAppend, pauseOnAppend, pauseOnClaim, slowReplay, killOnCommit, forMs } = nudges;
  const ownerOf = (process: string) => owners.find(owner => owner.process?.name === process);
  const hit = (label: string, p: number, name: string, act: (owner: Owner) => void) => {
    const owner = ownerOf(name);
    if (healed() || !owner?.process?.running || !chance.happens(label, p)) return;
    ledger.remark(`${label}: ${name}`);
    act(owner);
  };
  const kill = (owner: Owner) => {
    owner.kill();
    simulation.after(forMs, 'killed owner starts', () => owner.start());
  };
  const pause = (owner: Owner) => {
    const { process } = owner;
    process?.pause();
    simulation.after(forMs, 'paused owner goes on', () => process?.resume());
  };
  broker.watches.push((topic, partition, record) => {
    if (topic === TOPIC) return;
    hit('killed on append', killOnAppend, record.by, kill);
    hit('paused on append', pauseOnAppend, record.by, pause);
    if ((pauseOnClaim > 0 || slowReplay > 0) && Buffer.from(record.value).includes('"type":"claim"')) {
      hit('paused on claim', pauseOnClaim, record.by, pause);
      hit('slow to replay', slowReplay, record.by, () => broker.holdReads(topic, partition, forMs, record.by));
    }
  });
  broker.commitWatches.push(({ by }) => hit('killed on commit', killOnCommit, by.name, kill));
}

/** Retention takes all but the newest `keep` records of each partition. */
function retain({ broker, ledger }: Stage, keep: number): void {
  for (const [partition, log] of (broker.partitions(TOPIC) ?? []).entries()) {
    log.trim(Math.max(0, log.bounds.end - keep));
    for (const event of ledger.partitions[partition] ?? []) {
      if (!log.isReadable(event.record.offset) && !ledger.isClosed(event)) {
        event.overtaken = true;
        ledger.note(event, 'is taken by retention');
      }
    }
  }
}

/** Everything is well again: only what the plan says of poisoned keys stays. */
export function heal({ broker, functions, owners, ledger }: Stage): void {
  const { poison, poisonTimes, poisonDoubt } = functions.faults;
  ledger.remark('everything is well again');
  broker.down = false;
  broker.faults = NO_LOG_FAULTS;
  functions.down = false;
  functions.faults = { ...NO_FUNCTION_FAULTS, poison, poisonTimes, poisonDoubt };
  for (const owner of owners) {
    owner.process?.resume();
    owner.start();
  }
}
