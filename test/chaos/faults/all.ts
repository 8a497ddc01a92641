// All kinds of faults, dealt like cards: shuffled by the seed, and each once in a round.
import type { Chance } from '../../simulation/kernel/chance.ts';
import { brokers } from './brokers.ts';
import { clocks } from './clocks.ts';
import type { FaultKind } from './fault.ts';
import { functions } from './functions.ts';
import { links } from './links.ts';
import { processes } from './processes.ts';
import { redis } from './redis.ts';
import { searchAndBlobs } from './search-and-blobs.ts';

export const faultKinds: readonly FaultKind[] = [
  ...processes,
  ...clocks,
  ...brokers,
  ...redis,
  ...searchAndBlobs,
  ...links,
  ...functions,
];

export function shuffled(kinds: readonly FaultKind[], chance: Chance): FaultKind[] {
  const deck = [...kinds];
  return kinds.flatMap(() => deck.splice(chance.int('fault', 0, deck.length - 1), 1));
}
