// The name of whatever events are handed to, in the admin API.

/** Kinds that events are handed to, and that may give some up. */
export const consumerKinds = ['Subscription', 'Queue', 'Strangler', 'FanOut', 'View', 'Pipeline'] as const;

/**
 * The name of a consumer. It is a Subscription, a Queue, a feature of a Strangler whose changes go
 * back to legacy, or a part of a FanOut. The items of a FanOut have its name; its other parts are
 * `renditions/splits` and `renditions/gathers`.
 */
export interface ConsumerName {
  readonly kind: (typeof consumerKinds)[number];
  readonly namespace: string;
  /** A feature is `shop.orders`. */
  readonly name: string;
}
