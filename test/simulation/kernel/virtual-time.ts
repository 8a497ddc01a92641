// Virtual time, as what runs in it sees it.
import type { Due } from './agenda.ts';
import type { Chance } from './chance.ts';

/** Where virtual time starts, milliseconds since 1970. */
export const EPOCH = Date.UTC(2026, 0, 1);

export interface VirtualTime {
  readonly chance: Chance;
  /** Milliseconds since the start. */
  readonly now: number;
  /** Runs `act` in `ms` milliseconds; which of two due at the same time goes first is drawn. */
  after(ms: number, label: string, act: () => void): Due;
}
