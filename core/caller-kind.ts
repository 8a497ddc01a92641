// The caller of a function in one word of a closed list, for the metrics.

/** `gateway`: on behalf of a request at a public listener. `function`: by `context.invoke`. */
export type CallerKind = 'gateway' | 'function' | 'subscription' | 'queue' | 'view' | 'pipeline' | 'fan-out';
