// What is mutated, and which tests judge it.

export interface Room {
  /** Files of the product, as globs from the root. */
  readonly mutate: readonly string[];
  /** Whose survivors were not gone through yet: such a file is mutated only where it is named. */
  readonly named: readonly string[];
  /** Files of tests, in the order in which they run: those that are quick to fail come first. */
  readonly tests: readonly string[];
}

/** They compute for seconds: the last to be asked, and not at all in a first look. */
export const SLOW = ['down.test', 'liveness.test', 'more-seeds', 'more-folds', 'fold/fold.test'];

const inDispatch = (...names: string[]) => names.map(name => `test/worker/dispatch/${name}.test.ts`);

export const rooms: readonly Room[] = [
  {
    mutate: [
      'worker/dispatch/calls/{circuit-breaker,rate-window}.ts',
      'worker/dispatch/commands/{command-rules,redrive-queue}.ts',
      'worker/dispatch/group/*.ts',
      'worker/dispatch/writes/{committer,parking-log-writer}.ts',
      'worker/dispatch/lanes/{attempt-rules,ready-queue,settlement}.ts',
      'worker/parking-log/{commit,fold-parking-log,gather-commit,parking-log-codec,own-bytes,take-over,committed-offsets,varints}.ts',
    ],
    named: ['worker/dispatch/**/*.ts', 'worker/parking-log/*.ts'],
    tests: [
      ...inDispatch(
        'lanes/rules',
        'parts',
        'lanes/settlement',
        'lanes/settlement-bearers',
        'writes/committer',
        'writes/parking-log-writer',
        'group/group',
        'commands/redrive-queue',
        'commands/parked-rules',
        'lanes/lanes',
        'calls/rate-window',
        'calls/circuit-breaker',
        'calls/circuit-breaker-pauses',
        'calls/call-limiter',
        'lanes/ready-queue',
        'lanes/{parked-figures,shares}',
        '{failed-attempt,asks-alone,shares,partition-owner,read-limit,small-parts,upkeep,view-of}',
        'dead-letters/*',
      ),
      'test/mutation/few-seeds.ts',
      'test/worker/parking-log/*.test.ts',
      ...inDispatch(
        'lanes/batches',
        'commands/commands',
        'commands/parked-orders',
        'counters',
        'dispatcher',
        'group/fencing',
        'group/topic-epochs',
        'pauses',
        'times',
      ),
      ...inDispatch('down', 'liveness'),
      'test/mutation/more-seeds.ts',
    ],
  },
  {
    mutate: ['worker/fold/{append-in-parts,clock-record,letter-number,seen,seen-apart,source-mark}.ts'],
    named: ['worker/fold/*.ts'],
    tests: [
      'test/worker/fold/{parts,pack-places,repeats,log-position,stage-spans,operator,stored-position}.test.ts',
      'test/mutation/few-folds.ts',
      'test/worker/fold/fold.test.ts',
      'test/mutation/more-folds.ts',
    ],
  },
];

/**
 * Mutations of Stryker that are left out. Texts are for people. An object without its fields, a
 * function that returns nothing in place of a value, and a list with a foreign entry are refused by
 * the compiler, which looks at the product before any test runs.
 */
export const LEFT_OUT = ['StringLiteral', 'ObjectLiteral', 'ArrowFunction', 'ArrayDeclaration', 'Regex'];
