// Causes: whatever a function seals with the key of its namespace, the platform reads texts or
// nothing, within a bound, and shows each in one line that cannot steer a terminal.
import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { causeText, openCauses, sealCauses } from '../../../core/cause.ts';
import type { FuzzTarget } from '../fuzz-target.ts';

const key = Buffer.alloc(32, 7);
const iv = Buffer.alloc(12, 1);
const MOST = 8_192;

export const causes: FuzzTarget = {
  name: 'causes',
  words: [
    '[',
    ']',
    '{"cause":',
    '{"of":0,',
    '"name":',
    '"message":',
    '"at":',
    '"trace":',
    '""',
    'null',
    '1',
    '\\u001b',
    '}',
  ],
  runs: 10_000,
  run(input) {
    const found = openCauses(key, sealed(input));
    for (const { of, cause } of found) {
      assert.ok(of === undefined || typeof of === 'number');
      for (const [name, text] of Object.entries(cause)) assert.equal(typeof text, 'string', name);
      assert.ok(JSON.stringify(cause).length < 6 * MOST);
      assert.doesNotMatch(causeText(cause), /\p{Cc}/u);
    }
    // What has been read is read again, as far as there is room for it.
    const again = openCauses(key, sealCauses(key, found));
    assert.ok(again.length <= found.length);
    return `${found.length} ${again.length} ${found.filter(({ of }) => of !== undefined).length}`;
  },
};

/** The input as a function could send it. */
function sealed(input: Buffer): string {
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: 16 });
  const bytes = Buffer.concat([iv, cipher.update(input), cipher.final(), cipher.getAuthTag()]);
  return `1.${bytes.toString('base64url')}`;
}
