// The functions of the media library: what they make of an image, and what
// they say of what is none.
import assert from 'node:assert/strict';
import sharp from 'sharp';
import { call, createTestContext, deliver } from 'tenfold/testing';
import { cutOff, drawImage } from '../demo/images.ts';
import library from '../library.ts';
import markAvailable from '../mark-available.ts';
import work from '../work.ts';

const asset = 'uploads/harbour.jpg';
const image = await drawImage({ author: 'Ada', north: [54, 19], east: [10, 8], sky: '#8ecae6' });
const itemOf = (task: string) => ({ type: 'renditions.item', data: { asset, task } });

describe('work', () => {
  for (const [task, width] of [
    ['thumbnail', 160],
    ['screen', 1280],
    ['print', 1600],
  ] as const) {
    it(`makes the rendition "${task}", no larger than the original`, async () => {
      const context = createTestContext({ blobs: { [asset]: image } });
      const answer = await deliver(work, itemOf(task), context);
      assert.equal(answer.status, 200);
      const object = `renditions/harbour/${task}.webp`;
      assert.partialDeepStrictEqual(answer.body, { task, object, width });
      const made = context.blobs.get(object);
      assert.equal(made?.contentType, 'image/webp');
      assert.equal((await sharp(made?.body).metadata()).format, 'webp');
    });
  }

  it('tells what the camera noted, of an asset that is not available yet', async () => {
    const context = createTestContext({ blobs: { [asset]: image } });
    await deliver(work, itemOf('metadata'), context);
    const [{ topic, event } = assert.fail()] = context.published;
    assert.equal(topic, 'assets.changed');
    assert.partialDeepStrictEqual(event.data, {
      asset,
      available: false,
      metadata: { format: 'jpeg', width: 1600, height: 1067, author: 'Ada', camera: 'Tenfold Sketch 1' },
    });
  });

  it('gives up what is no image, and takes the repaired copy where there is one', async () => {
    const broken = { [asset]: cutOff(image) };
    const answer = await deliver(work, itemOf('screen'), createTestContext({ blobs: broken }));
    assert.equal(answer.status, 422);
    assert.match(JSON.stringify(answer.body), /cannot be read as an image/);
    const repaired = createTestContext({ blobs: { ...broken, 'repaired/harbour.jpg': image } });
    assert.equal((await deliver(work, itemOf('screen'), repaired)).status, 200);
  });

  it('gives up what is gone, and tasks that nobody knows', async () => {
    assert.equal((await deliver(work, itemOf('screen'), createTestContext())).status, 422);
    const context = createTestContext({ blobs: { [asset]: image } });
    assert.equal((await deliver(work, itemOf('poster'), context)).status, 422);
  });
});

describe('mark-available', () => {
  const linesOf = (tasks: readonly string[]) => {
    const job = { id: '1-2-a', fanOut: 'renditions', generation: 0, items: tasks.length, succeeded: 1, failed: 0 };
    const items = tasks.map((task, index) => ({
      index,
      state: 'succeeded',
      status: 200,
      result: { task, object: task },
    }));
    const lines = [{ job, event: { data: { name: asset } } }, ...items, { end: true, count: items.length }];
    return lines.map(line => JSON.stringify(line)).join('\n');
  };
  const gather = (tasks: readonly string[], context = createTestContext()) =>
    call(markAvailable, { method: 'POST', path: '/', body: linesOf(tasks) }, context);

  it('marks the asset available when everything is there', async () => {
    const context = createTestContext();
    assert.equal((await gather(['thumbnail', 'metadata', 'screen', 'print'], context)).status, 200);
    const [{ event } = assert.fail()] = context.published;
    assert.partialDeepStrictEqual(event.data, { asset, available: true, renditions: { print: { object: 'print' } } });
  });

  it('fails when a rendition is missing', async () => {
    await assert.rejects(gather(['thumbnail', 'metadata']), /has no screen, print/);
  });
});

describe('library', () => {
  it('gives renditions, and nothing else', async () => {
    const context = createTestContext({ blobs: { 'renditions/a/screen.webp': 'x', 'uploads/a.jpg': 'y' } });
    const ask = (path: string) => call(library, { method: 'GET', path }, context);
    assert.equal((await ask('/files/renditions/a/screen.webp')).status, 200);
    assert.equal((await ask('/files/uploads/a.jpg')).status, 404);
  });

  it('takes repaired originals, and nothing else', async () => {
    const context = createTestContext();
    const put = (path: string) => call(library, { method: 'PUT', path, body: 'x' }, context);
    assert.equal((await put('/files/repaired/a.jpg')).status, 204);
    assert.equal(context.blobs.get('repaired/a.jpg')?.body.toString(), 'x');
    assert.equal((await put('/files/uploads/a.jpg')).status, 403);
  });
});
