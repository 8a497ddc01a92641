// The graph of an application in the admin API: what leads to what, and how much goes along it.
import type { Condition } from '../condition.ts';

/**
 * `Url`: an address outside. `Cache`: the answers that an Api keeps. `Archive`: files of a
 * Pipeline.
 */
export type NodeKind = string;

export interface GraphNode {
  /** `Kind/namespace/name`; without a namespace `Kind//name`. */
  readonly id: string;
  readonly kind: NodeKind;
  /** Undefined for listeners and addresses, which are in none. */
  readonly namespace?: string;
  readonly name: string;
  /**
   * The statuses of its conditions, and the reason of the worst; undefined for what is no resource.
   */
  readonly ready?: Condition['status'];
  readonly healthy?: Condition['status'];
  readonly reason?: string;
  /** Numbers of now, such as `lag` and `parkedKeys` of a consumer. */
  readonly counts?: Readonly<Record<string, number>>;
  /** Set for a group: the nodes in it, and those among them that are not healthy. */
  readonly nodes?: number;
  readonly unhealthy?: number;
}

/**
 * `serves`: a listener has routes of it. `calls`: it waits for an answer. `sends`: it appends an
 * event or a job. `read-by`: the node at the end gets the events, or the rows. The words `feeds`
 * and `queries` are of Views, and `stores` is of archives and caches.
 */
export type EdgeKind = 'serves' | 'calls' | 'sends' | 'read-by' | 'feeds' | 'queries' | 'stores';

export interface GraphFlow {
  /** Events, calls or requests since the platform, or the process that answers, started. */
  readonly total: number;
  readonly errors: number;
  /** Undefined until it has been measured for a second. */
  readonly perSecond?: number;
  readonly errorsPerSecond?: number;
  /** The start of the time that the rates are of, RFC 3339. */
  readonly since?: string;
  /** `platform`: of all processes. `process`: only of the one that answers. */
  readonly covers: 'platform' | 'process';
}

export interface GraphEdge {
  /** The ids of nodes, in the direction in which events and requests go. */
  readonly from: string;
  readonly to: string;
  readonly how: EdgeKind;
  /** The places that say so, such as routes; of a group, the edges in it. */
  readonly count: number;
  readonly flow?: GraphFlow;
  /** Events or records that wait, over all processes. */
  readonly lag?: number;
}

export interface Graph {
  /** RFC 3339. */
  readonly at: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** One sentence for each part that could not be asked. */
  readonly unknown: readonly string[];
}

export const graphGroups = ['kind', 'namespace'] as const;

export interface GraphQuery {
  readonly namespace?: string | undefined;
  readonly kinds?: readonly NodeKind[] | undefined;
  /** The id of a node: it and what is at most `depth` edges away, in either direction. */
  readonly node?: string | undefined;
  readonly depth: number;
  /** `kind`: one node for each kind in a namespace. `namespace`: one for each namespace. */
  readonly group?: (typeof graphGroups)[number] | undefined;
}

/** Requests that a listener of this process has answered for an Api or a Strangler. */
export interface RequestCount {
  readonly listener: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly requests: number;
  /** Requests that were answered with 5xx. */
  readonly errors: number;
}
