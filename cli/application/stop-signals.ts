// Hears Ctrl-C, SIGTERM and the end of the terminal: the first one asks to drain, the second one
// ends the process at once.
import { exitCodes } from '../exit-codes.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface StopSignals {
  /** Resolves with the first signal. */
  readonly first: Promise<NodeJS.Signals>;
  ignore(): void;
}

function ignoreSignal(): void {}

export function listenForStop(): StopSignals {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  let count = 0;
  const hear = (signal: NodeJS.Signals) => {
    count += 1;
    if (count > 1) process.exit(exitCodes.interrupted.code);
    resolve(signal);
  };
  for (const signal of SIGNALS) process.on(signal, hear);
  // Without a listener Node answers by a debugger, to which any process of this
  // machine can say what to run.
  process.on('SIGUSR1', ignoreSignal);
  return {
    first: promise,
    ignore: () => {
      for (const signal of SIGNALS) process.off(signal, hear);
      process.off('SIGUSR1', ignoreSignal);
    },
  };
}
