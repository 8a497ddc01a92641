// Gives functions of a namespace the key with which they seal why they failed. The platform alone
// opens it, so that no caller learns it.
import type { Target } from '../exchange/target.ts';
import { answerCall } from '../upstream/answer-call.ts';

const FIELDS = ['content-type', 'text/plain', 'cache-control', 'no-store'];

export function createCauseKeyTarget(key: Buffer): Target {
  return {
    label: 'key of causes',
    send: call => answerCall(call, 200, FIELDS, Buffer.from(key.toString('base64url'))),
  };
}
