// Bounds under which the model is walked: small ones with every test run, up to some states, and
// large ones at night.
import type { ModelBounds } from './bounds.ts';

const redrive = { verb: 'redrive', event: 0, generation: 0 } as const;
const retry = { verb: 'retry', event: 0, generation: -1, parkedAs: 0 } as const;
const giveUp = { verb: 'give-up', event: 0, generation: -1, parkedAs: 0 } as const;
const skip = { verb: 'skip', event: 0, generation: 0 } as const;

/** About a minute together, where they are walked to their end. */
export const small = {
  'two events of one key': { keys: [0, 0], claims: 2, parkingLog: 6, attempts: 2 },
  'one parked, two of another key': { parked: true, keys: [0, 1, 1], claims: 3, parkingLog: 6, attempts: 2 },
  'moving and trimming': { parked: true, moves: true, keys: [0, 0], claims: 3, parkingLog: 7, attempts: 2 },
  'trimming while another takes over': { parked: true, moves: true, keys: [0], claims: 4, parkingLog: 6, attempts: 2 },
  'an event that was given up, told': { deadLettered: 'told', keys: [0, 1], claims: 3, parkingLog: 5, attempts: 1 },
  'an event that was given up, not told, and trimming': {
    deadLettered: 'untold',
    moves: true,
    keys: [0],
    claims: 5,
    parkingLog: 7,
    attempts: 1,
  },
  'calls that take time': { calls: true, keys: [0, 0], claims: 2, parkingLog: 5, attempts: 2 },
  'records that come twice or not at once': { repeats: 1, keys: [0, 0], claims: 2, parkingLog: 5, attempts: 2 },
  'records of a parked event that come twice': {
    repeats: 2,
    parked: true,
    keys: [0],
    claims: 2,
    parkingLog: 7,
    attempts: 3,
  },
  'holding and skipping': { hold: true, keys: [0, 0], claims: 2, parkingLog: 5, attempts: 1, commands: [skip] },
  redriving: { keys: [0], claims: 2, parkingLog: 6, attempts: 1, commands: [redrive] },
  'redriving twice what is held': {
    hold: true,
    keys: [0],
    claims: 1,
    parkingLog: 9,
    attempts: 1,
    commands: [redrive, redrive],
  },
  'redriving what was redriven': {
    deadLettered: 'told',
    keys: [0],
    claims: 2,
    parkingLog: 10,
    attempts: 1,
    commands: [redrive, redrive],
  },
  'cancelling what is in a call, or waits': {
    calls: true,
    keys: [0, 0],
    claims: 1,
    parkingLog: 6,
    attempts: 1,
    commands: [{ verb: 'cancel', event: 1, generation: 0 }],
  },
  'giving up what is parked, and trying it now': {
    parked: true,
    keys: [0, 0],
    claims: 2,
    parkingLog: 8,
    attempts: 2,
    commands: [retry, giveUp],
  },
  'giving up what is in a call': {
    parked: true,
    calls: true,
    keys: [0, 0],
    claims: 2,
    parkingLog: 6,
    attempts: 2,
    commands: [giveUp],
  },
} as const satisfies Record<string, ModelBounds>;

/** Minutes to hours each. */
export const large = {
  'two events of one key, three owners': { keys: [0, 0], claims: 3, parkingLog: 6, attempts: 2 },
  'three events of one key': { keys: [0, 0, 0], claims: 2, parkingLog: 7, attempts: 2 },
  'one parked, two of another key': { parked: true, keys: [0, 1, 1], claims: 3, parkingLog: 8, attempts: 2 },
  'moving and trimming, four claims': {
    parked: true,
    moves: true,
    keys: [0, 0],
    claims: 4,
    parkingLog: 7,
    attempts: 2,
  },
  'calls that take time, three owners': { calls: true, keys: [0, 0], claims: 3, parkingLog: 6, attempts: 2 },
  'records that come twice, of two events': { repeats: 2, keys: [0, 0], claims: 2, parkingLog: 7, attempts: 2 },
  'holding and skipping': { hold: true, keys: [0, 0], claims: 2, parkingLog: 7, attempts: 1, commands: [skip] },
  'redriving with what is behind it': { keys: [0, 0], claims: 2, parkingLog: 8, attempts: 1, commands: [redrive] },
} as const satisfies Record<string, ModelBounds>;
