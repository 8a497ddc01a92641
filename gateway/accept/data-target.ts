// Data that events refer to, for their receivers: `GET /topics/{topic}/data/{id}` at the internal
// listener.
import { hourOfData } from '../../core/cloudevents/data-reference.ts';
import { TenfoldError } from '../../core/errors.ts';
import type { BlobStore } from '../../drivers/blob-store/blob-store.ts';
import type { Call, Target } from '../exchange/target.ts';
import { answerCall } from '../upstream/answer-call.ts';
import { answerStream } from '../upstream/answer-stream.ts';
import { refuseMethod } from '../upstream/refuse-method.ts';
import { claimKey } from './claim-check.ts';

const PATH = /^\/data\/([0-9A-Za-z-]{1,60})$/;

export function createDataTarget(blobs: BlobStore, namespace: string, topic: string): Target {
  return {
    label: `data of topic ${topic}`,
    send(call) {
      answer(blobs, namespace, topic, call).catch(error => call.fail(error));
    },
  };
}

async function answer(blobs: BlobStore, namespace: string, topic: string, call: Call): Promise<void> {
  const id = PATH.exec(call.path.split('?', 1)[0] ?? '')?.[1] ?? '';
  const hour = hourOfData(id);
  if (hour === undefined) throw new TenfoldError('not-found', 'There is no data at this address.');
  if (call.method !== 'GET' && call.method !== 'HEAD') return refuseMethod(call, ['GET', 'HEAD']);
  const key = claimKey(hour, namespace, topic, id);
  if (call.method === 'HEAD') {
    const info = await blobs.head(key);
    if (info === undefined) throw gone();
    return answerCall(call, 200, ['content-type', info.contentType], Buffer.alloc(0));
  }
  const open = await blobs.get(key);
  if (open === undefined) throw gone();
  const { info, length, body } = open;
  const fields = ['content-type', info.contentType, 'content-length', String(length), 'cache-control', 'no-store'];
  answerStream(call, 200, fields, body);
}

function gone(): TenfoldError {
  return new TenfoldError('gone', 'The data is not kept any more.');
}
