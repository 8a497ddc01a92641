// Follows what a platform tells, and goes on when it was away, or when another process answers.
import type { ChangesEnded } from '../../admin/live/change.ts';
import { type Code, errorCodes, TenfoldError } from '../../core/errors.ts';
import { again } from '../../core/retry/again.ts';
import { realWorld, type World } from '../../core/world.ts';
import type { Terminal } from '../terminal.ts';
import { comesBack } from './comes-back.ts';

export interface Told {
  /** Reads one answer; resolves when nothing more is to come. It calls `heard` for what arrives. */
  read(heard: () => void): Promise<void>;
  /** Whether another answer can go on where this one broke off. */
  canGoOn(): boolean;
}

/** Another process answers soon; a platform that stays away is asked less and less often. */
const AGAIN = { base: 1_000, max: 15_000 };

export interface FollowSite {
  readonly terminal: Pick<Terminal, 'say'>;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
  readonly world?: Pick<World, 'after' | 'random'>;
}

/** Resolves at Ctrl-C, too. Rejects with what does not pass by itself. */
export async function followAgain({ read, canGoOn }: Told, { terminal, signal, world = realWorld }: FollowSite) {
  let hasHeard = false;
  let said: string | undefined;
  const step = () => {
    hasHeard = false;
    return read(() => {
      hasHeard = true;
      said = undefined;
    });
  };
  const failed = (error: unknown) => {
    if (!canGoOn() || !comesBack(error)) throw error;
    const text = error instanceof Error ? error.message : String(error);
    // Once, however long the platform stays away.
    if (text !== said) terminal.say(`${text} Trying again.`);
    said = text;
  };
  await again(step, { ...AGAIN, wentOn: () => hasHeard, failed }, { world, signal }).catch(error => {
    if (!signal.aborted) throw error;
  });
}

/** The platform ended a stream of changes. */
export function toEndError({ code, message }: ChangesEnded): TenfoldError {
  const known = Object.keys(errorCodes).find(each => each === code);
  return new TenfoldError((known as Code | undefined) ?? 'bad-gateway', message);
}
