// One fault at a time of a platform in which all else works, and the finding that says it.
import type { CallReport } from '../../../admin/diagnosis/call-report.ts';
import type { Gathered } from '../../../admin/gathered.ts';
import { fakeConsumer, fakeFailure } from '../../fakes/consumer-report.ts';
import { fakeProblem } from '../../fakes/platform-view.ts';
import { NOW, pipeline, view, WELL } from './well.ts';

export const failing: CallReport = {
  ...{ namespace: 'default', name: 'menu', calls: 1, failed: 1, wellSince: 0, since: NOW - 1000 },
  newest: {
    ...{ outcome: 'failed', status: 500, trace: '4bf9' },
    cause: { name: 'Error', message: 'no price for boom', at: 'menu.ts:3:9' },
  },
  ended: { calls: 1, failed: 1, ms: 5 },
};

const CANNOT_SCALE = [
  { type: 'Accepted', status: 'True', reason: 'Valid', message: '' },
  { type: 'Ready', status: 'True', reason: 'Available', message: '1 of 1 instance is available.' },
  { type: 'Degraded', status: 'True', reason: 'CannotScale', message: 'It has no metrics.' },
] as const;

export const FAULTS: readonly {
  readonly what: string;
  readonly gathered: Partial<Gathered>;
  readonly says: string;
  readonly message: RegExp;
  readonly next: RegExp;
}[] = [
  {
    what: 'a scheduled back-up was not made',
    gathered: { backupTrouble: 'The back-up that was due at 3:00 was not made: there is no folder /backups.' },
    says: 'warning platform BackupFailing',
    message: /no folder \/backups\.$/,
    next: /tries again every ten minutes/,
  },
  {
    what: 'a key is parked',
    gathered: {
      consumers: [
        fakeConsumer('wall', { newestFailure: fakeFailure }),
        fakeConsumer('imports', { kind: 'Queue', ...WELL }),
      ],
    },
    says: 'error Subscription wall KeysParked',
    message: /^1 key has failed and will be tried again; 2 events are parked\.$/,
    next: /^tenfold /,
  },
  {
    what: 'a target fails as a whole',
    gathered: {
      consumers: [
        fakeConsumer('wall', { ...WELL, lag: 7, state: 'resting' }),
        fakeConsumer('imports', { kind: 'Queue', ...WELL }),
      ],
    },
    says: 'error Subscription wall FailingCalls',
    message: /function wall, fails and is left alone for a moment; 7 events to be handled\.$/,
    next: /^tenfold /,
  },
  {
    what: 'the autoscaler of a function cannot work',
    gathered: {
      statusOf: ({ kind, metadata }) =>
        kind === 'Function' && metadata.name === 'menu' ? { conditions: CANNOT_SCALE } : undefined,
    },
    says: 'warning Function menu CannotScale',
    message: /^It has no metrics\.$/,
    next: /^kubectl describe hpa -l tenfold\.dev\/function=menu -n default$/,
  },
  {
    what: 'calls of a function fail, whoever makes them',
    gathered: { calls: [{ ...failing, calls: 4, failed: 3 }] },
    says: 'error Function menu FailingCalls',
    message: /^3 of 4 calls in the last minutes failed; the newest was answered with 500 \(trace 4bf9\)\.$/,
    next: /^Mend the function at the place that the cause names/,
  },
  {
    what: 'some calls of a function take too long',
    gathered: {
      calls: [
        {
          ...failing,
          ...{ calls: 20, failed: 1 },
          newest: { outcome: 'timeout', status: undefined, trace: '4bf9', cause: undefined },
        },
      ],
    },
    says: 'warning Function menu FailingCalls',
    message: /^1 of 20 calls in the last minutes failed; the newest took too long \(trace 4bf9\)\.$/,
    next: /^Look for the trace 4bf9 in the logs/,
  },
  {
    what: 'it is paused by command',
    gathered: {
      consumers: [
        fakeConsumer('wall', { ...WELL, state: 'paused', pausedByCommand: true }),
        fakeConsumer('imports', { kind: 'Queue', ...WELL }),
      ],
    },
    says: 'warning Subscription wall Paused',
    message: /^It is paused by command; 0 events to be handled\.$/,
    next: /^tenfold subscriptions resume subscription\/wall -n default$/,
  },
  {
    what: 'a queue takes no more',
    gathered: {
      consumers: [
        fakeConsumer('wall', WELL),
        fakeConsumer('imports', { kind: 'Queue', ...WELL, lag: 5, oldestAgeMs: 1000 }),
      ],
    },
    says: 'error Queue imports AtCapacity',
    message: /^5 jobs wait, which is all that spec\.maxWaiting allows; more are refused with 503\.$/,
    next: /^tenfold jobs list imports -n default$/,
  },
  {
    what: 'nobody is quick enough',
    gathered: {
      consumers: [
        fakeConsumer('wall', { ...WELL, lag: 900, oldestAgeMs: 301_000 }),
        fakeConsumer('imports', { kind: 'Queue', ...WELL }),
      ],
    },
    says: 'warning Subscription wall Behind',
    message: /^The oldest event has waited for 5m1s; 900 events to be handled\.$/,
    next: /^tenfold top -n default$/,
  },
  {
    what: 'events were given up',
    gathered: {
      consumers: [
        fakeConsumer('wall', { ...WELL, deadLetters: 1 }),
        fakeConsumer('imports', { kind: 'Queue', ...WELL }),
      ],
    },
    says: 'warning Subscription wall DeadLetters',
    message: /^1 event was given up, and is kept as a dead letter\.$/,
    next: /^tenfold dead list subscription\/wall -n default$/,
  },
  {
    what: 'rows are old',
    gathered: { views: [{ ...view, behind: 12, asOf: new Date(NOW - 400_000).toISOString() }] },
    says: 'warning View sold Behind',
    message: /^Its rows are as of 6m40s ago; 12 records to be folded\.$/,
    next: /^tenfold views list -n default$/,
  },
  {
    what: 'a View could make nothing of events, now or before a restart',
    gathered: { views: [{ ...view, deadLetters: 2 }] },
    says: 'warning View sold EventsRefused',
    message: /^It could make nothing of 2 events, which are kept as dead letters\.$/,
    next: /^tenfold dead list view\/sold -n default$/,
  },
  {
    what: 'retention deleted what a View had not read',
    gathered: { views: [{ ...view, jumped: 3 }] },
    says: 'error View sold EventsExpired',
    message: /^Retention deleted 3 events before it had read them/,
    next: /retention/,
  },
  {
    what: 'a Pipeline could make nothing of an event',
    gathered: { pipelines: [{ ...pipeline, refused: 1 }] },
    says: 'warning Pipeline clicks EventsRefused',
    message: /^It could make nothing of 1 event/,
    next: /^tenfold dead list pipeline\/clicks -n default$/,
  },
  {
    what: 'a table of a Pipeline cannot be written',
    gathered: {
      pipelines: [{ ...pipeline, tables: [{ table: 'orders', behind: 2, written: 0, trouble: 'It is away.' }] }],
    },
    says: 'error Pipeline clicks TableUnavailable',
    message: /^The table "orders" cannot be written; 2 events wait for it, and it is tried again\.$/,
    next: /goes on by itself/,
  },
  {
    what: 'calls of a Pipeline fail',
    gathered: { pipelines: [{ ...pipeline, parkedEvents: 1 }] },
    says: 'error Pipeline clicks KeysParked',
    message: /^1 event waits for another call of a function\.$/,
    next: /^tenfold parked list pipeline\/clicks -n default$/,
  },
  {
    what: 'a View has stopped',
    gathered: { views: [{ ...view, state: 'stopped', lastError: 'The index is gone.' }] },
    says: 'error View sold Stopped',
    message: /^The index is gone\.$/,
    next: /^tenfold get view sold -n default$/,
  },
  {
    what: 'a Function does not start',
    gathered: {
      functions: [
        {
          ...{ name: 'menu', namespace: 'default', state: 'unavailable', instances: 0, lastError: 'No such module.' },
          ...{ inFlight: 0, waiting: 0, restarts: 3 },
        },
      ],
    },
    says: 'error Function menu Unavailable',
    message: /^No such module\.$/,
    next: /^tenfold get function menu -n default$/,
  },
  {
    what: 'an object is damaged',
    gathered: {
      damaged: [
        {
          key: 'x',
          owner: { kind: 'Pipeline', namespace: 'default', name: 'clicks', what: 'a file' },
          reason: '',
          at: 1,
        } as never,
      ],
    },
    says: 'error Pipeline clicks ObjectsDamaged',
    message: /^1 object of it is damaged\.$/,
    next: /^tenfold doctor --repair$/,
  },
  {
    what: 'a file cannot be read',
    gathered: { problems: [fakeProblem({ file: 'other.yaml' })] },
    says: 'error platform Invalid',
    message: /^other\.yaml:4: This is wrong\.$/,
    next: /^tenfold get problems$/,
  },
];
