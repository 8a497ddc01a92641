// The status of each kind in its CRD: conditions as kstatus and `kubectl wait`
// read them, and a few figures.
import type { KindInfo, StatusFigure } from '../kinds/index.ts';
import type { Structural } from './structural.ts';

const figures: Readonly<Record<StatusFigure, Structural>> = {
  url: { type: 'string', description: 'Where it is reached from within the cluster.' },
  replicas: { type: 'integer', format: 'int32', minimum: 0, description: 'Instances that run.' },
  lag: { type: 'integer', format: 'int64', minimum: 0, description: 'Events that were accepted and are not done yet.' },
  parked: { type: 'integer', format: 'int64', minimum: 0, description: 'Keys that wait for their next attempt.' },
  dead: { type: 'integer', format: 'int64', minimum: 0, description: 'Dead letters that wait for a decision.' },
};

/** As metav1.Condition. */
const conditions: Structural = {
  type: 'array',
  description:
    'The current conditions: Accepted, Ready, Progressing, Degraded, Healthy where events are read, and Reconciling and Stalled as kstatus reads them.',
  maxItems: 16,
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['type'],
  items: {
    type: 'object',
    required: ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
    properties: {
      type: { type: 'string', maxLength: 316, description: 'What it is about.' },
      status: { type: 'string', enum: ['True', 'False', 'Unknown'], description: 'Whether it is the case.' },
      observedGeneration: {
        type: 'integer',
        format: 'int64',
        minimum: 0,
        description: 'The generation that was looked at.',
      },
      lastTransitionTime: { type: 'string', format: 'date-time', description: 'When the status changed last.' },
      reason: {
        type: 'string',
        minLength: 1,
        maxLength: 1024,
        pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
        description: 'Why, in one word.',
      },
      message: { type: 'string', maxLength: 32_768, description: 'Why, in words for people.' },
    },
  },
};

const traffic: Structural = {
  type: 'array',
  description:
    'While a canary gets a part of the calls, or none yet: both versions, and where each is called by itself.',
  maxItems: 2,
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['tag'],
  items: {
    type: 'object',
    required: ['tag', 'revision', 'percent', 'url'],
    properties: {
      tag: { type: 'string', enum: ['stable', 'canary'], description: 'Which of the two it is.' },
      revision: { type: 'string', maxLength: 253, description: 'Name of the Revision.' },
      percent: { type: 'integer', format: 'int32', minimum: 0, maximum: 100, description: 'Its share of the calls.' },
      url: { type: 'string', maxLength: 2048, description: 'Where it alone is called.' },
    },
  },
};

const versions: Structural = {
  type: 'array',
  description:
    'While two versions have instances, or a newer one does not come up: each with its instances, the newest first.',
  maxItems: 1024,
  items: {
    type: 'object',
    required: ['newest', 'replicas'],
    properties: {
      newest: { type: 'boolean', description: 'Whether it is the declared version.' },
      replicas: {
        type: 'integer',
        format: 'int32',
        minimum: 0,
        description: 'Its instances, whether they answer yet or not.',
      },
      revision: { type: 'string', maxLength: 253, description: 'Name of its Revision, in Knative.' },
    },
  },
};

const claims: Structural = {
  type: 'array',
  description:
    'Hosts and paths that it has, with all that lies below, and since when: of two namespaces the earlier one owns them.',
  maxItems: 4096,
  items: {
    type: 'object',
    required: ['route', 'since'],
    properties: {
      route: { type: 'string', maxLength: 4096, description: 'Host and path; without a host for every one.' },
      since: { type: 'string', format: 'date-time', description: 'Since when.' },
    },
  },
};

const listeners: Structural = {
  type: 'array',
  description: 'Names of the listeners that serve its routes. Empty: nobody reaches them from outside.',
  maxItems: 64,
  items: { type: 'string', maxLength: 63 },
};

export function statusSchema(info: KindInfo): Structural {
  const scaled =
    info.kind === 'Function'
      ? {
          provider: { type: 'string', maxLength: 63, description: 'What runs it: deployment, knative or openfaas.' },
          selector: { type: 'string', description: 'Label selector of its pods, for the scale subresource.' },
          source: { type: 'string', description: 'ConfigMap with the code that its pods are made of.' },
          calledAt: {
            type: 'string',
            format: 'date-time',
            description: 'When the platform called it last, updated now and then.',
          },
          asleepAfter: {
            type: 'string',
            maxLength: 64,
            description: 'While it sleeps: the call after which it fell asleep. Another one wakes it.',
          },
          idleSeconds: {
            type: 'integer',
            format: 'int32',
            minimum: 0,
            description: 'It sleeps after so long without a call; without it never.',
          },
          unresponsive: {
            type: 'object',
            description:
              'Instances that only let calls time out, as a gateway or worker found; reported again every minute.',
            required: ['instances', 'at'],
            properties: {
              instances: { type: 'integer', format: 'int32', minimum: 0, description: 'How many they are.' },
              at: { type: 'string', format: 'date-time', description: 'When it was told.' },
            },
          },
          traffic,
          versions,
        }
      : {};
  const routed = info.kind === 'Api' || info.kind === 'Strangler' ? { claims, listeners } : {};
  return {
    type: 'object',
    description: 'The state that the operator saw last.',
    properties: {
      conditions,
      observedGeneration: {
        type: 'integer',
        format: 'int64',
        minimum: 0,
        description: 'The generation of the spec that this status is about.',
      },
      lastValid: {
        type: 'string',
        maxLength: 131_072,
        description: 'The newest spec that was valid, as JSON: it stays in force while the newest is not.',
      },
      ...Object.fromEntries(info.figures.map(figure => [figure, figures[figure]])),
      ...scaled,
      ...routed,
    },
  };
}
