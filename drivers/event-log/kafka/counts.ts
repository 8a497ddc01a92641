// Connections and producers that were lost and made anew between this
// process and Kafka, for metrics.

/**
 * Why a connection was lost. `silent`: no answer came in time, as when the network swallows it.
 * `cut`: it ended while a request waited for its answer. `idle`: it ended while none did, as
 * brokers do with unused connections.
 */
export const LOSSES = ['silent', 'cut', 'idle'] as const;

export type Loss = (typeof LOSSES)[number];

/** Since the process began. */
export interface KafkaCounts {
  /** Connections that were open; others are made in their place when they are needed. */
  readonly lost: Record<Loss, number>;
  /**
   * How often appends went on as another producer (its id or epoch), since nobody could say what
   * had become of a batch, or the brokers had forgotten it.
   */
  renewed: number;
}

export function createKafkaCounts(): KafkaCounts {
  return { lost: { silent: 0, cut: 0, idle: 0 }, renewed: 0 };
}
