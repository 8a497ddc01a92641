// Answers that stream out of a store: at the client's pace, and ended with it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../eventually.ts';
import { createFakeBlobs } from '../../fakes/fake-blobs.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { serveEndpoints } from '../accept/serve-endpoints.ts';

const TOPIC = 'apiVersion: tenfold.dev/v1alpha1\nkind: Topic\nmetadata: { name: t }\nspec: { claimCheck: {} }\n';
const PATH = '/topics/t/data/2026-01-01T00-0123456789abcdef0123456789abcdef';

describe('answer that streams', () => {
  let read = 0;
  let ended: Readable | undefined;
  let fails = false;
  const blobs = createFakeBlobs();
  blobs.get = async key => {
    read = 0;
    const chunk = Buffer.alloc(64 * 1024);
    const body = new Readable({
      read() {
        read += chunk.length;
        if (fails && read > 1e6) this.destroy(new Error('the disk is gone'));
        else this.push(read > 64e6 ? null : chunk);
      },
    });
    ended = body;
    const info = { key, size: 64e6, etag: '', modified: 0, contentType: 'a/b', metadata: {} };
    return { info, first: 0, length: 64 * 1024 * Math.floor(64e6 / 65536), body };
  };
  let served: Awaited<ReturnType<typeof serveEndpoints>>;
  before(async () => {
    served = await serveEndpoints(TOPIC, createFakeLog(), { blobs });
  });
  after(() => served.close());
  const ask = async () => {
    const request = get(served.internal + PATH, { headers: { 'tenfold-key': served.key } });
    const [answer] = (await once(request, 'response')) as [import('node:http').IncomingMessage];
    answer.on('error', () => {});
    return answer;
  };

  it('waits for a client that reads slowly, and stops when it leaves', async () => {
    const answer = await ask();
    answer.pause();
    const isStill = async () => {
      const before = read;
      await pause(100);
      return read === before;
    };
    await eventually(isStill, 'nothing is read any more');
    assert.ok(read < 32e6, `${read} bytes were read ahead`);
    answer.destroy();
    await eventually(() => ended?.destroyed === true, 'the stream is closed');
  });

  it('comes whole to a client that reads', async () => {
    let size = 0;
    for await (const chunk of await ask()) size += chunk.length;
    assert.equal(size, 64 * 1024 * Math.floor(64e6 / 65536));
  });

  it('breaks off visibly when the store fails in the middle', async () => {
    fails = true;
    const answer = await ask();
    answer.resume();
    await eventually(() => answer.destroyed || answer.closed, 'the connection is cut');
    assert.equal(answer.complete, false);
    fails = false;
  });
});
