// The headers of a call by which a function knows which consumer calls for which event: for its log
// lines, and so that it tells the platform why it failed.
import { encodeHeaderValue } from '../../core/cloudevents/header-value.ts';
import { CONSUMER_HEADER, EVENT_KEY_HEADER } from '../../core/wire.ts';

/** Longer keys would fill the head of the call, which has 16 KiB for all. */
const MAX_KEY = 256;

/** Name and value in turn. `consumer`: as in `Subscription/shop/receipts`. */
export function consumerHeaders(consumer: string, key: string | null = null): readonly string[] {
  return key === null ? [CONSUMER_HEADER, consumer] : [CONSUMER_HEADER, consumer, EVENT_KEY_HEADER, shortened(key)];
}

function shortened(key: string): string {
  const whole = key.toWellFormed();
  const short =
    whole.length <= MAX_KEY
      ? whole
      : `${whole.slice(0, MAX_KEY).toWellFormed()}… (${whole.length - MAX_KEY} more characters)`;
  return encodeHeaderValue('partitionkey', short);
}
