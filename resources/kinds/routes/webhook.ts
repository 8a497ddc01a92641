// The webhook of another service, as a route takes it: who sends, and which secrets sign.
import * as z from 'zod';
import { externalReference } from '../fields/names.ts';
import { duration } from '../fields/units.ts';

const kinds = ['standard', 'github', 'stripe', 'slack'] as const;

/** How a sender signs its deliveries. */
export type WebhookKind = (typeof kinds)[number];

export function webhook() {
  return z.strictObject({
    kind: z
      .enum(kinds)
      .describe(
        'How the sender signs: `standard` (Standard Webhooks, also with the headers of Svix), `github`, `stripe` or `slack`.',
      ),
    secret: externalReference('Secret').describe(
      'Secret with the secrets that the sender signs with, one in each entry. A signature by one of them is enough, so both can be there while a secret is changed. The platform reads the Secret again when it changes.',
    ),
    tolerance: duration({ min: '1s', max: '1h' })
      .prefault('5m')
      .describe(
        'How far the signed time may be from the clock of the gateway, before or behind it. GitHub signs no time.',
      ),
  });
}
