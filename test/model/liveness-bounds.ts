// Bounds under which liveness is looked at: k keys of n fail for ever, and memory has room for
// one event more than those.
import type { ModelBounds } from './bounds.ts';

const oneOwner = { calls: true, claims: 1, parkingLog: 3, attempts: 2 } as const;
const twoOwners = { calls: true, claims: 2, parkingLog: 5, attempts: 2 } as const;

/** Half a minute together. */
export const lively = {
  'one key of two is poisoned, and has two events': {
    ...oneOwner,
    parkingLog: 4,
    keys: [0, 0, 1],
    poisoned: [0],
    room: 2,
  },
  'one key of three': { ...oneOwner, keys: [0, 0, 1, 2], poisoned: [0], room: 2 },
  'two keys of three': { ...oneOwner, keys: [0, 1, 0, 2], poisoned: [0, 1], room: 3 },
  'one key of two, parked by an owner that is gone': {
    parked: true,
    keys: [0, 1],
    poisoned: [0],
    room: 1,
    claims: 2,
    parkingLog: 5,
    attempts: 2,
  },
} as const satisfies Record<string, ModelBounds>;

/** Minutes to hours each. */
export const livelyAtNight = {
  'one key of two, two owners': { ...twoOwners, keys: [0, 0, 1], poisoned: [0], room: 2 },
  'one key of three, two owners': { ...twoOwners, keys: [0, 0, 1, 2], poisoned: [0], room: 2 },
  'two keys of three, two owners': { ...twoOwners, keys: [0, 1, 0, 2], poisoned: [0, 1], room: 3 },
  'three keys of four': { ...oneOwner, parkingLog: 5, keys: [0, 1, 2, 0, 3], poisoned: [0, 1, 2], room: 4 },
} as const satisfies Record<string, ModelBounds>;
