// What the killer and the process that builds Views anew say to each other.

export type Order =
  | { readonly kind: 'publish'; readonly ids: readonly string[] }
  /** Builds both Views anew. */
  | { readonly kind: 'rebuild' }
  /** What readers are told. */
  | { readonly kind: 'read' }
  /** Each key, as the log has it and as both Views show it. */
  | { readonly kind: 'rows' };

export type Answer =
  /** `building`: generations that the process before had begun, and not finished. */
  | { readonly kind: 'ready'; readonly building: number }
  | { readonly kind: 'published'; readonly ids: readonly string[] }
  | { readonly kind: 'rebuilt' }
  | { readonly kind: 'rows'; readonly rows: Rows }
  | ({ readonly kind: 'seen' } & Seen);

/** How often each key came. */
export type Counts = readonly (readonly [key: string, count: number])[];

export interface Rows {
  readonly log: Counts;
  readonly ranking: Counts;
  readonly documents: Counts;
}

export interface Seen {
  /** Events in the log. */
  readonly events: number;
  /** Sum of the ranking that counts them. */
  readonly counted: number;
  /** Of each event one, in the index that serves. */
  readonly documents: number;
  /** Of the generations that serve. */
  readonly generations: readonly string[];
  readonly building: number;
  /** Topics and indexes of generations that neither serve nor are being built. */
  readonly leftOver: number;
}

export const NAMESPACE = 'default';
export const SOURCE = 'default.clicks';
export const PARTITIONS = 2;
