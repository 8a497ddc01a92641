// The file of tokens for the admin API: names, roles and hashes of tokens. It is read again when it
// changes.
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';
import type { Authenticator } from '../../../admin/access/authenticator.ts';
import { type Caller, callerRoles, createCaller } from '../../../admin/access/caller.ts';
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import type { GatewayLogEntry } from '../../platform-events.ts';

/** A token that was taken back is refused after this time at the latest. */
const LOOK_EVERY_MS = 500;

const HASH_WRONG = 'This must be the SHA-256 of a token in hexadecimal: printf %s "$TOKEN" | sha256sum';
const sha256 = z.string(HASH_WRONG).regex(/^[0-9a-f]{64}$/i, HASH_WRONG);
const content = z.strictObject({
  tokens: z.array(
    z.strictObject({
      name: z.string().min(1).max(128),
      role: z.enum(callerRoles, `This must be one of ${callerRoles.join(', ')}.`),
      namespaces: z.array(z.string().min(1).max(63)).min(1).optional(),
      sha256: z.union([sha256, z.array(sha256).min(1)], HASH_WRONG),
    }),
  ),
});

export interface TokenFileOptions {
  readonly world: Pick<World, 'monotonic'>;
  readonly file: string;
  log(entry: GatewayLogEntry): void;
}

/**
 * Throws when the file cannot be used at the start. Later such a file opens nothing, and the log
 * says so.
 */
export function tokenFileAuthenticator({ world, file, log }: TokenFileOptions): Authenticator {
  let stamp = stampOf(file);
  let callers = readTokens(file);
  let lookedAt = world.monotonic();
  let trouble: string | undefined;

  const look = () => {
    if (world.monotonic() - lookedAt < LOOK_EVERY_MS) return;
    lookedAt = world.monotonic();
    const found = stampOf(file);
    if (found === stamp) return;
    stamp = found;
    try {
      callers = readTokens(file);
      trouble = undefined;
      log({ level: 'info', message: 'the tokens of the admin API were read anew', fields: { tokens: callers.size } });
    } catch (error) {
      callers = new Map();
      trouble = error instanceof Error ? error.message : String(error);
      const fields = { reason: trouble };
      log({ level: 'error', message: 'the tokens of the admin API cannot be used; none is accepted', fields });
    }
  };

  return {
    takes: 'a token of the file that admin.tokens names',
    identify({ token }) {
      if (token === undefined) return undefined;
      look();
      // The time that a comparison of hashes takes reveals nothing of the token.
      return callers.get(createHash('sha256').update(token).digest('hex'));
    },
    trouble() {
      look();
      return trouble;
    },
  };
}

/** The callers by the hashes of their tokens. */
function readTokens(file: string): ReadonlyMap<string, Caller> {
  const { data, error } = content.safeParse(parsed(file));
  if (error) {
    const [issue] = error.issues;
    throw unusable(file, `${issue?.path.join('.') || 'the whole'}: ${issue?.message}`);
  }
  const callers = new Map<string, Caller>();
  for (const { name, role, namespaces, sha256: hashes } of data.tokens) {
    const caller = createCaller(`token ${name}`, [{ role, namespaces }]);
    for (const hash of [hashes].flat()) {
      if (callers.has(hash.toLowerCase())) throw unusable(file, `two entries have the token of "${name}"`);
      callers.set(hash.toLowerCase(), caller);
    }
  }
  return callers;
}

function parsed(file: string): unknown {
  try {
    // Without the line that is wrong: a token may stand there by mistake.
    return parse(readFileSync(file, 'utf8'), { prettyErrors: false });
  } catch (error) {
    throw unusable(file, error instanceof Error ? error.message : String(error));
  }
}

function unusable(file: string, why: string): TenfoldError {
  return new TenfoldError(
    'invalid-input',
    `The file of tokens ${file} cannot be used: ${why}. It is like "tokens: [{ name: ci, role: operator, namespaces: [shop], sha256: HASH }]".`,
  );
}

/** The stamp of the target of a link: the kubelet changes all links of a Secret at once. */
function stampOf(file: string): string {
  try {
    const { dev, ino, size, mtimeNs } = statSync(file, { bigint: true });
    return `${dev} ${ino} ${size} ${mtimeNs}`;
  } catch {
    return 'missing';
  }
}
