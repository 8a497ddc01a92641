// Drives the application over HTTP as clients do: uploads images, looks at what becomes of them,
// repairs one that is broken.
import assert from 'node:assert/strict';
import sharp from 'sharp';
import { cutOff, drawImage } from './demo/images.ts';
import { sizes } from './tasks.ts';

export interface DemoOptions {
  /** Public listener of a platform that runs this application. */
  readonly address: string;
  /** Its admin port. */
  readonly admin: { readonly url: string; readonly token: string };
  say(line: string): void;
}

interface JobView {
  readonly id: string;
  readonly state: string;
  readonly object: string;
  readonly location: string;
  readonly items: { readonly succeeded: number; readonly failed: number };
  readonly result?: { readonly body?: { readonly asset: string; readonly position: string } };
}

const IMAGES = 5;
const PATIENCE_MS = 60_000;

export async function demo({ address, admin, say }: DemoOptions): Promise<void> {
  const send = async (method: string, path: string, body: Buffer) => {
    const headers = { 'content-type': 'image/jpeg' };
    const answer = await fetch(new URL(path, address), { method, headers, body: new Uint8Array(body) });
    say(`${method} ${path} → ${answer.status}`);
    return answer;
  };
  const get = (path: string) => fetch(new URL(path, address));
  const end = async (location: string): Promise<JobView> => {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const job = (await (await get(`${location}?wait=5`)).json()) as JobView;
      if (['succeeded', 'failed', 'expired', 'cancelled'].includes(job.state)) return job;
      assert.ok(Date.now() < until, `not in time: ${JSON.stringify(job)}`);
    }
  };
  const assetOf = async ({ result }: JobView): Promise<Record<string, unknown>> => {
    const { asset = '', position = '' } = result?.body ?? {};
    const answer = await get(`/media/assets?key=${encodeURIComponent(asset)}&after=${encodeURIComponent(position)}`);
    assert.equal(answer.status, 200, await answer.clone().text());
    return (await answer.json()) as Record<string, unknown>;
  };

  say(
    `${IMAGES} images are uploaded; each begins a job of three renditions and the metadata, worked at the same time:`,
  );
  const shots = Array.from({ length: IMAGES }, (_, at) => ({
    author: `Author ${at + 1}`,
    north: [50 + at, 7 * at] as const,
    east: [8 + at, 5 * at] as const,
    sky: `hsl(${190 + at * 12}, 60%, 70%)`,
  }));
  const begun = await Promise.all(
    shots.map(async shot => {
      const answer = await send('POST', '/media/uploads', await drawImage(shot));
      assert.equal(answer.status, 202);
      return (await answer.json()) as JobView;
    }),
  );
  for (const [at, { location, object }] of begun.entries()) {
    const job = await end(location);
    assert.equal(job.state, 'succeeded', JSON.stringify(job));
    const row = await assetOf(job);
    assert.equal(row.asset, object);
    assert.equal(row.available, true);
    const { author, location: place } = row.metadata as { author: string; location: { latitude: number } };
    assert.equal(author, shots[at]?.author);
    assert.ok(Math.abs(place.latitude - (50 + at + (7 * at) / 60)) < 1e-6);
    const renditions = row.renditions as Record<string, { object: string; width: number }>;
    for (const [task, size] of Object.entries(sizes)) {
      const image = await get(`/media/files/${renditions[task]?.object}`);
      const { format, width = 0 } = await sharp(Buffer.from(await image.arrayBuffer())).metadata();
      assert.equal(format, 'webp');
      assert.equal(width, Math.min(size, 1600));
    }
  }
  say(`  all are available, each with ${Object.keys(sizes).join(', ')} and what its camera noted`);

  say('One image was cut off on its way. Its parts fail, and are set aside with the reason:');
  const original = await drawImage({ author: 'Grace', north: [47, 33], east: [7, 35], sky: '#bde0fe' });
  const upload = await send('PUT', '/media/uploads/cut-off.jpg', cutOff(original));
  assert.equal(upload.status, 202);
  const failed = await end(((await upload.json()) as JobView).location);
  assert.equal(failed.state, 'failed');
  assert.equal(failed.items.failed, 4);
  const letters = await fetch(`${admin.url}/api/dead-letters?kind=FanOut&name=renditions`, {
    headers: { authorization: `Bearer ${admin.token}` },
  });
  const { items } = (await letters.json()) as { items: { error: string }[] };
  assert.equal(items.length, 4);
  say(`  ${items[0]?.error}`);

  say('A sound copy is put in its place, and what failed is done once more, and nothing else:');
  assert.equal((await send('PUT', '/media/files/repaired/cut-off.jpg', original)).status, 204);
  const location = `/media/uploads/cut-off.jpg/${failed.id}`;
  const redriven = await fetch(new URL(`${location}/redrive`, address), { method: 'POST' });
  assert.equal(redriven.status, 202);
  const deadline = Date.now() + PATIENCE_MS;
  let job = await end(location);
  while (job.state === 'failed' && Date.now() < deadline) job = await end(location);
  assert.equal(job.state, 'succeeded', JSON.stringify(job));
  assert.equal((await assetOf(job)).available, true);
  say('  it is available as well');
}
