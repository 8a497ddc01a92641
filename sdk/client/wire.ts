// Headers of the internal listener; equal to those of the rest of the product, which
// this package must not import.

export const TIMEOUT_HEADER = 'tenfold-timeout-ms';
export const ATTEMPT_HEADER = 'tenfold-attempt';
export const KEY_HEADER = 'tenfold-key';
export const CALLER_HEADER = 'tenfold-caller';
/** Which consumer calls, and the key of the event, percent-encoded. */
export const CONSUMER_HEADER = 'tenfold-consumer';
export const EVENT_KEY_HEADER = 'tenfold-event-key';
export const DEPTH_HEADER = 'tenfold-depth';
export const ORIGIN_HEADER = 'tenfold-origin';
export const POSITION_HEADER = 'tenfold-position';
export const CACHE_HEADER = 'tenfold-cache';
export const LEASE_HEADER = 'tenfold-lease';
/** On a refusal that is not what the function itself asks of its callers. */
export const REFUSED_HEADER = 'tenfold-refused';
