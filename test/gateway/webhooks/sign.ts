// Signs deliveries as the four senders do, written from their pages and not from the code under
// test.
import { createHmac } from 'node:crypto';

const hmac = (key: string | Buffer, text: string, encoding: 'hex' | 'base64' = 'hex') =>
  createHmac('sha256', key).update(text).digest(encoding);

export interface Sent {
  readonly secret: string;
  readonly body: string;
  readonly id?: string;
  /** In seconds. */
  readonly at?: number;
}

export type Headers = Record<string, string>;

export const sign = {
  standard: ({ secret, body, id = 'msg_1', at = 0 }: Sent): Headers => ({
    'webhook-id': id,
    'webhook-timestamp': String(at),
    'webhook-signature': `v1,${hmac(Buffer.from(secret.replace('whsec_', ''), 'base64'), `${id}.${at}.${body}`, 'base64')}`,
  }),
  github: ({ secret, body, id = 'd-1' }: Sent, event = 'push'): Headers => ({
    'x-github-delivery': id,
    'x-github-event': event,
    'x-hub-signature-256': `sha256=${hmac(secret, body)}`,
  }),
  stripe: ({ secret, body, at = 0 }: Sent): Headers => ({
    'stripe-signature': `t=${at},v1=${hmac(secret, `${at}.${body}`)}`,
  }),
  slack: ({ secret, body, at = 0 }: Sent): Headers => ({
    'x-slack-request-timestamp': String(at),
    'x-slack-signature': `v0=${hmac(secret, `v0:${at}:${body}`)}`,
  }),
};
