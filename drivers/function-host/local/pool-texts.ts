// Messages of a pool: to calls that get no place at an instance or lose it, and about instances
// that do not answer.
import { TenfoldError } from '../../../core/errors.ts';

/** An operator has to scale it up again. */
const OFF_SECONDS = 30;

export interface PoolErrors {
  overloaded(waiting: number): TenfoldError;
  crashed(forMs: number): TenfoldError;
  switchedOff(): TenfoldError;
  stopping(): TenfoldError;
  hung(forMs: number): TenfoldError;
}

export function poolErrors(name: string): PoolErrors {
  const label = `Function ${name}`;
  return {
    overloaded: waiting =>
      new TenfoldError('overloaded', `${waiting} requests already wait for function ${name}.`, {
        retryAfterSeconds: 1,
        reason: 'limit.instances',
      }),
    crashed: forMs =>
      new TenfoldError('function-crashed', `${label} does not start; its log says why.`, {
        retryAfterSeconds: Math.max(1, Math.ceil(forMs / 1000)),
      }),
    switchedOff: () =>
      new TenfoldError('function-off', `${label} is scaled to 0 replicas.`, { retryAfterSeconds: OFF_SECONDS }),
    stopping: () =>
      new TenfoldError('shutting-down', `${label} is being stopped; try again.`, {
        retryAfterSeconds: 1,
        reason: 'function.stopping',
      }),
    hung: forMs =>
      new TenfoldError(
        'bad-gateway',
        `${label} hung: its process answered nothing for ${seconds(forMs)} and was replaced, and this call ended with it.`,
        { retryAfterSeconds: 1, reason: 'function.hung' },
      ),
  };
}

export function hungText(forMs: number, calls: number): string {
  const ends = calls === 1 ? '1 call ends' : `${calls} calls end`;
  return `the process hung: it answered no health check for ${seconds(forMs)}, and is replaced; ${ends} with an error`;
}

export function silentText(count: number): string {
  const who = count === 1 ? '1 instance answers' : `${count} instances answer`;
  return `${who} no health check, and gets no calls until it does or is replaced.`;
}

function seconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Math.round(ms / 1000)} s`;
}
