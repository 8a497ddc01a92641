// The keys that deliveries of a webhook are signed with: each entry of a Secret is one, so that the
// old and the new one count while a secret is changed.
import type { WebhookKind } from '../../resources/kinds/routes/webhook.ts';
import { type FollowedSecret, type FollowSecretOptions, followSecret } from '../auth/follow-secret.ts';
import type { GatewayLog } from '../gateway-log.ts';

export interface SigningKeysOptions extends FollowSecretOptions {
  readonly kind: WebhookKind;
  readonly log: GatewayLog;
}

/** Without keys nothing can be checked. */
export type SigningKeys = FollowedSecret<readonly Buffer[]>;

export function createSigningKeys(options: SigningKeysOptions): SigningKeys {
  const { namespace, secret, kind, log } = options;
  const where = { namespace, secret };
  const followed = followSecret(options, (entries): readonly Buffer[] => {
    const keys: Buffer[] = [];
    for (const [name, text] of Object.entries(entries ?? {})) {
      const found = keysOf(kind, text.trim());
      keys.push(...found);
      if (found.length > 0) continue;
      log('warn', `Secret ${secret} has an entry ${name} that is no secret of a webhook; it is ignored.`, where);
    }
    if (keys.length > 0) return keys;
    const fault = entries === undefined ? `There is no Secret ${secret}` : `The Secret ${secret} has no secret in it`;
    const file = `on a laptop it is the file .tenfold/secrets/${namespace}/${secret}.json with {"current": "…"}`;
    const next = `Create it: ${file}, in a cluster it is mounted where cluster.secrets says.`;
    log('warn', `${fault}, so deliveries of the webhook are answered 503. ${next}`, where);
    return keys;
  });
  // So the log says at the start that a Secret is missing, and not with the first delivery.
  followed.current();
  return followed;
}

const PREFIX = 'whsec_';
/** With its padding or without. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/**
 * GitHub, Stripe and Slack sign with the text as it is. In Standard Webhooks it is Base64 behind
 * `whsec_`; without that it may be Base64 or, as for callbacks of a Queue, any text. No key is
 * empty: anybody can sign with that.
 */
function keysOf(kind: WebhookKind, text: string): Buffer[] {
  if (kind !== 'standard') return [Buffer.from(text)].filter(isKey);
  const isMarked = text.startsWith(PREFIX);
  const coded = isMarked ? text.slice(PREFIX.length) : text;
  const decoded = BASE64.test(coded) ? [Buffer.from(coded, 'base64')] : [];
  return [...decoded, ...(isMarked ? [] : [Buffer.from(text)])].filter(isKey);
}

function isKey({ length }: Buffer): boolean {
  return length > 0;
}
