// The ten kinds: names, patterns, columns and schemas. Types, validation, JSON Schema, CRDs and
// reference pages derive from it.

import type * as z from 'zod';
import { aggregateSpec } from './aggregate.ts';
import { apiSpec } from './api.ts';
import { fanOutSpec } from './fan-out.ts';
import { functionSpec } from './function.ts';
import { type Kind, kindNames } from './kind-names.ts';
import { pipelineSpec } from './pipeline.ts';
import { queueSpec } from './queue.ts';
import { stranglerSpec } from './strangler.ts';
import { subscriptionSpec } from './subscription.ts';
import { topicSpec } from './topic.ts';
import { viewSpec } from './view.ts';

export const GROUP = 'tenfold.dev';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}`;

/** Figures that a status carries besides conditions; each is a column and a field of the CRD. */
export type StatusFigure = 'url' | 'replicas' | 'lag' | 'parked' | 'dead';

export interface KindInfo<K extends Kind = Kind> {
  readonly kind: K;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  /** Number of the pattern in the catalogue, 1 to 10. */
  readonly pattern: number;
  /** One sentence for help, hovers and reference pages. */
  readonly summary: string;
  readonly spec: (typeof specs)[K];
  /** The columns of `kubectl get` and `tenfold get` besides name and age. */
  readonly printerColumns: readonly PrinterColumn[];
  readonly figures: readonly StatusFigure[];
}

export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  /** The path of the value, as Kubernetes' JSONPath. */
  readonly jsonPath: string;
  /** Shown only with `-o wide`. */
  readonly wide?: boolean;
}

const specs = {
  Function: functionSpec,
  Topic: topicSpec,
  Api: apiSpec,
  Aggregate: aggregateSpec,
  Subscription: subscriptionSpec,
  Strangler: stranglerSpec,
  Queue: queueSpec,
  View: viewSpec,
  Pipeline: pipelineSpec,
  FanOut: fanOutSpec,
} as const satisfies Record<Kind, z.ZodType>;

/**
 * The spec of a kind, parsed and with defaults: durations in milliseconds, sizes in bytes,
 * percentages as fractions.
 */
export type SpecOf<K extends Kind> = z.output<(typeof specs)[K]>;

const ready: PrinterColumn = {
  name: 'Ready',
  type: 'string',
  jsonPath: '.status.conditions[?(@.type=="Ready")].status',
};
/** Why it is ready, or is not: in one word, and in many. */
const healthy = column('Healthy', '.status.conditions[?(@.type=="Healthy")].status');
const reason = column('Status', '.status.conditions[?(@.type=="Ready")].reason');
const message: PrinterColumn = {
  ...column('Message', '.status.conditions[?(@.type=="Ready")].message'),
  wide: true,
};
const age: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };
const figureColumns: Readonly<Record<StatusFigure, PrinterColumn>> = {
  url: { name: 'URL', type: 'string', jsonPath: '.status.url' },
  replicas: { name: 'Replicas', type: 'integer', jsonPath: '.status.replicas' },
  lag: { name: 'Lag', type: 'integer', jsonPath: '.status.lag' },
  parked: { name: 'Parked', type: 'integer', jsonPath: '.status.parked' },
  dead: { name: 'Dead', type: 'integer', jsonPath: '.status.dead' },
};

function column(name: string, jsonPath: string, type: PrinterColumn['type'] = 'string'): PrinterColumn {
  return { name, type, jsonPath };
}

function info<K extends Kind>(
  kind: K,
  pattern: number,
  plural: string,
  shortNames: readonly string[],
  figures: readonly StatusFigure[],
  columns: readonly PrinterColumn[],
  summary: string,
): KindInfo<K> {
  const figureColumn = (figure: StatusFigure) =>
    // The URL of a Function tells where it runs; the URLs at the internal listener are much alike,
    // and long.
    figure === 'url' && kind !== 'Function' ? { ...figureColumns.url, wide: true } : figureColumns[figure];
  // A worker writes it together with the figures.
  const health = figures.includes('lag') ? [healthy] : [];
  const printerColumns = [ready, ...health, reason, ...columns, ...figures.map(figureColumn), message, age];
  return {
    kind,
    plural,
    singular: kind.toLowerCase(),
    shortNames,
    pattern,
    summary,
    spec: specs[kind],
    printerColumns,
    figures,
  };
}

export const kinds: { readonly [K in Kind]: KindInfo<K> } = {
  Function: info(
    'Function',
    1,
    'functions',
    ['fn'],
    ['url', 'replicas'],
    [column('Canary', '.status.traffic[?(@.tag=="canary")].percent', 'integer')],
    'A piece of code of yours, a container image, or any HTTP service that already runs.',
  ),
  Topic: info(
    'Topic',
    2,
    'topics',
    ['tp'],
    ['url'],
    [column('Partitions', '.spec.partitions', 'integer'), column('Retention', '.spec.retention')],
    'A named, durable stream of events that services publish to and subscribe to without knowing each other.',
  ),
  Api: info(
    'Api',
    3,
    'apis',
    [],
    [],
    [column('Path', '.spec.basePath'), column('Version', '.spec.version.name')],
    'One public entry in front of many services: routing, versions, authentication, limits and caching.',
  ),
  Aggregate: info(
    'Aggregate',
    4,
    'aggregates',
    ['agg'],
    [],
    [],
    'One answer made of several calls to services behind it, in parallel where they do not need each other.',
  ),
  Subscription: info(
    'Subscription',
    5,
    'subscriptions',
    ['sub'],
    ['lag', 'parked', 'dead'],
    [column('Topic', '.spec.topic')],
    'Delivers the events of a Topic to a target, in the order of their keys.',
  ),
  Strangler: info(
    'Strangler',
    6,
    'stranglers',
    ['str'],
    [],
    [column('Path', '.spec.basePath'), column('Legacy', '.spec.legacy.url')],
    'A facade in front of a legacy system whose features move to new services one by one.',
  ),
  Queue: info(
    'Queue',
    7,
    'queues',
    ['qu'],
    ['url', 'lag', 'parked', 'dead'],
    [],
    'Takes work at any pace and hands it on at the pace of the service that does it.',
  ),
  View: info(
    'View',
    8,
    'views',
    ['vw'],
    ['url', 'lag', 'parked', 'dead'],
    [],
    'A copy of what events tell, kept up to date in the shape in which it is read.',
  ),
  Pipeline: info(
    'Pipeline',
    9,
    'pipelines',
    ['pl'],
    ['lag', 'parked', 'dead'],
    [column('Topic', '.spec.from.topic')],
    'Transforms, summarises and distributes a stream of events as it comes.',
  ),
  FanOut: info(
    'FanOut',
    10,
    'fanouts',
    ['fo'],
    ['url', 'lag', 'parked', 'dead'],
    [],
    'Divides a job into items, works them in parallel, and gathers the results when they are there.',
  ),
};

export function isKind(name: unknown): name is Kind {
  return kindNames.some(kind => kind === name);
}
