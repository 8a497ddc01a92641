// Reasons that lie with the platform and what it stores.
import type { ReasonFacts } from './reason-facts.ts';

export const platformReasons = {
  'expression.failed': {
    level: 'error',
    means: 'An expression of a resource could not be evaluated',
    next: 'correct the expression that `cause` names',
  },
  'view.building': { level: 'warn', means: 'The View is being built', next: 'nothing, if it passes' },
  'view.behind': {
    level: 'warn',
    means: 'The View has not got as far as the event, or its question took too long',
    next: 'look at the lag of the View',
  },
  'topic.starting': {
    level: 'warn',
    means: 'The topic has not been created in the log yet',
    next: 'nothing, if it passes',
  },
  'job.failed': {
    level: 'warn',
    means: 'The client waited for a job, and the job did not succeed',
    next: 'see the dead letters of the queue or the fan-out',
  },
  'log.unavailable': {
    level: 'error',
    means: 'The event log cannot be reached or written',
    next: 'see `/readyz` and the metrics of the log',
  },
  'store.unavailable': {
    level: 'error',
    means: 'The store cannot be reached or written',
    next: 'see `/readyz` and the metrics of the store',
  },
  'cluster.unavailable': {
    level: 'error',
    means: 'The Kubernetes API server cannot be reached',
    next: 'check the API server',
  },
  'data.corrupt': {
    level: 'error',
    means: 'Stored data is damaged',
    next: 'restore the data that `cause` names from a back-up',
  },
  'data.later-release': { level: 'error', means: 'A later release has written the data', next: 'upgrade this process' },
  'platform.starting': { level: 'warn', means: 'The process has not finished starting', next: 'nothing, if it passes' },
  'platform.stopping': { level: 'warn', means: 'The process is shutting down', next: 'nothing, if it passes' },
  'platform.unsupported': {
    level: 'error',
    means: 'This installation does not support what the route needs',
    next: 'configure the service that `cause` names',
  },
  'internal.unexpected': {
    level: 'error',
    means: 'Something went wrong on our side',
    next: 'report it with `cause` and trace',
  },
} as const satisfies Record<string, ReasonFacts>;
