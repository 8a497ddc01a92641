// Names of the headers and variables that Tenfold's own processes exchange; none of
// them is taken from outside.

/** Milliseconds that the caller still waits. Relative, so clocks need not agree. */
export const TIMEOUT_HEADER = 'tenfold-timeout-ms';
/**
 * The namespace of the resource for which a platform calls; a Function of another one refuses the
 * call. No resource and no client sets it.
 */
export const NAMESPACE_HEADER = 'tenfold-namespace';
/** Which attempt this is, from 1. */
export const ATTEMPT_HEADER = 'tenfold-attempt';
/** Credential of a caller at the internal listener. */
export const KEY_HEADER = 'tenfold-key';
/** Name of the function that calls, set by the internal client. */
export const CALLER_HEADER = 'tenfold-caller';
/** How many hops an invocation chain has made; a guard against loops. */
export const DEPTH_HEADER = 'tenfold-depth';
/** A chain of calls and events longer than this is a loop. */
export const MAX_DEPTH = 32;
/**
 * Marks a copy of a request whose answer nobody gets: a service may leave out what must not
 * happen twice, such as a mail.
 */
export const SHADOW_HEADER = 'tenfold-shadow';

/**
 * On answers with 429 and 503 that the platform's own code makes in place of a function: one
 * instance ends or is full, or something that the function needs was refused. Gateways look at it
 * and leave it out of what they pass on. A function that sets it itself is called without a pause.
 */
export const REFUSED_HEADER = 'tenfold-refused';

/**
 * On answers of a function that failed, to a call of the platform: the sealed cause, see
 * `core/cause.ts`. Only the platform opens it, and no caller gets it.
 */
export const CAUSE_HEADER = 'tenfold-cause';
/** Which consumer makes the call, such as `Subscription/shop/receipts`. */
export const CONSUMER_HEADER = 'tenfold-consumer';
/** Key of the event that the call delivers, percent-encoded as attributes of CloudEvents are. */
export const EVENT_KEY_HEADER = 'tenfold-event-key';
/** At the internal listener: the key with which functions of the caller's namespace seal causes. */
export const CAUSE_KEY_PATH = '/causes/key';

/**
 * Which systems the change that a call is about has been in already; see
 * `core/cloudevents/origins.ts`.
 */
export const ORIGIN_HEADER = 'tenfold-origin';

/**
 * Position of a published event: `topic@partition:offset`, several with commas between. Views take
 * it as `?after=`.
 */
export const POSITION_HEADER = 'tenfold-position';
/** Until when (RFC 3339) all events are in what a View answers. */
export const AS_OF_HEADER = 'tenfold-as-of';
/** How many records a View has not folded yet. */
export const BEHIND_HEADER = 'tenfold-behind';
/** Result at the cache endpoint: `hit`, `miss`, `stale` or `deleted`. */
export const CACHE_HEADER = 'tenfold-cache';
/** In its answers: the token with which the caller fills the key, whose turn it is. */
export const LEASE_HEADER = 'tenfold-lease';
/**
 * On records of internal topics: when the event they came from had been
 * appended, milliseconds since 1970.
 */
export const SOURCE_TIME_HEADER = 'tenfold-at';

/**
 * On records that the platform makes of an event: what the event is known by when it was published
 * twice (`core/cloudevents/same-event.ts`).
 */
export const SAME_HEADER = 'tenfold-same';

/**
 * On records of internal topics of a pipeline: what ids of events that are
 * made of this one end with.
 */
export const PLACE_HEADER = 'tenfold-place';

/** On the same: when the event happened, milliseconds since 1970. */
export const EVENT_TIME_HEADER = 'tenfold-time';
/** On the same, in place of an event: how far a source has come (`worker/fold/clock-record.ts`). */
export const CLOCK_HEADER = 'tenfold-clock';
/**
 * Beside it: where the partitions of the source ended before that (`worker/fold/clock-record.ts`).
 */
export const ENDS_HEADER = 'tenfold-ends';
/** Beside it: how many partitions the source was seen to have (`worker/fold/clock-record.ts`). */
export const SOURCES_HEADER = 'tenfold-sources';

/** Every header of ours begins with it; the gateway drops such headers from public requests. */
export const HEADER_PREFIX = 'tenfold-';

/** Until the answer of a function that says nothing of it must begin. */
export const DEFAULT_TIMEOUT_MS = 29_000;
/** Largest allowed time for a call of a function. */
export const MAX_INTERNAL_TIMEOUT_MS = 900_000;
