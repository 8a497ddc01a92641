// The callbacks in the story of a job: delivered, given up, tried again, owed, and not known.
import assert from 'node:assert/strict';
import type { JobStory } from '../../../../admin/story-view.ts';
import { jobScopeOf } from '../../../../core/jobs/job-row.ts';
import { parkingLogTopicOf, queueGroupOf } from '../../../../core/names.ts';
import { overEachLog } from '../../../event-plane/logs.ts';
import { useJobSite } from './job-site.ts';
import type { Played } from './story-site.ts';

overEachLog('the callbacks in the story of a job', log => {
  const own = useJobSite(log);
  const { playing, submit, told } = own;

  it('says why it was given up, and how often its callback failed and when that is tried again', async () => {
    playing.imports = { status: 422, body: { detail: 'no such file' } };
    playing.receiver = { status: 503 };
    const id = await submit('strict');
    const story = await told('strict', id, ({ callbacks }) => callbacks?.[0]?.fate === 'parked');
    assert.equal(story.job.state, 'failed');
    const [at] = story.consumers;
    assert.deepEqual([at?.fate, at?.reason, at?.attempts], ['dead', 'refused', 1]);
    const [callback] = story.callbacks ?? [];
    assert.deepEqual([callback?.tells, callback?.attempts, callback?.status], ['failed', 1, 503]);
    assert.ok(callback?.nextAttemptAt);
  });

  it('says that a callback was given up', async () => {
    playing.receiver = { status: 404 };
    const id = await submit('imports');
    const { callbacks } = await told('imports', id, story => story.callbacks?.[0]?.fate === 'dead');
    assert.deepEqual([callbacks?.length, callbacks?.[0]?.reason, callbacks?.[0]?.status], [1, 'refused', 404]);
  });

  const trimCallbacks = async (queue: string) => {
    const topic = own.site.plan.consumers.find(
      each => each.role === 'callbacks' && each.resource.metadata.name === queue,
    )?.settings.topic;
    await own.site.log.trim(topic ?? '', 0, (await own.site.log.bounds(topic ?? ''))?.[0]?.end ?? 0);
  };
  const redrive = (queue: string, id: string) =>
    own.site.letters.command(
      {
        action: 'redrive',
        consumer: { kind: 'Queue', namespace: 'default', name: queue },
        ids: [id.slice(0, id.lastIndexOf('-'))],
      },
      () => {},
      new AbortController().signal,
    );
  const isDead = ({ consumers: [at] }: JobStory) => at?.fate === 'dead' && at.settling === undefined;

  it('tells the callback of a second end beside that of the first', async () => {
    playing.imports = { status: 422 };
    playing.receiver = { status: 404 };
    const id = await submit('strict');
    await told('strict', id, story => isDead(story) && story.callbacks?.[0]?.fate === 'dead');
    playing.receiver = { status: 200 };
    await redrive('strict', id);
    const both = await told('strict', id, ({ callbacks = [] }) => callbacks[1]?.fate === 'done');
    assert.deepEqual(
      both.callbacks?.map(({ fate, tells }) => [fate, tells]),
      [
        ['dead', 'failed'],
        ['done', 'failed'],
      ],
    );
    await told('strict', id, isDead);
    await trimCallbacks('strict');
    const { callbacks = [] } = await own.site.tellJob('Queue', 'strict', id);
    assert.deepEqual(
      callbacks.map(({ fate, note = '' }) => [fate, /delivered, or given up so long ago/.test(note)]),
      [
        ['dead', false],
        ['done', true],
      ],
    );
  });

  it('does not wait for the callback of its former end once it is redriven', async () => {
    playing.imports = { status: 422 };
    const id = await submit('strict');
    await told('strict', id, story => isDead(story) && story.callbacks?.[0]?.fate === 'done');
    await trimCallbacks('strict');
    const [scope, key] = [jobScopeOf('default', 'strict', 0), id];
    const former = (await own.site.store.get(scope, key)) ?? assert.fail();
    const begun = Promise.withResolvers<Played>();
    playing.imports = begun.promise;
    await redrive('strict', id);
    await told('strict', id, story => story.job.state === 'running');
    // The row is written some time after the attempt has begun. Until then it tells the former end.
    await own.site.store.put(scope, key, former.value, { ttlMs: 60_000 });
    const { job, consumers, callbacks } = await own.site.tellJob('Queue', 'strict', id);
    begun.resolve({ status: 200 });
    assert.deepEqual([job.state, consumers[0]?.redriven, callbacks], ['failed', 1, undefined]);
  });

  it('does not say of a callback that it was delivered where the state of its job is unknown', async () => {
    const id = await submit('imports');
    // The log knows of its end, too: there is no note.
    const isDone = ({ consumers: [at], callbacks }: JobStory) =>
      at?.fate === 'done' && at.note === undefined && callbacks?.[0]?.fate === 'done';
    await told('imports', id, isDone);
    await trimCallbacks('imports');
    const done = await own.site.tellJob('Queue', 'imports', id);
    assert.deepEqual(
      done.callbacks?.map(({ fate }) => fate),
      ['done'],
    );
    await own.pause();
    const later = { key: null, value: Buffer.from('{"v":99}\n'), headers: {} };
    await own.site.log.append(parkingLogTopicOf(queueGroupOf('default', 'imports')), [later]);
    const { consumers, callbacks } = await own.site.tellJob('Queue', 'imports', id);
    assert.deepEqual([consumers[0]?.fate, callbacks?.map(({ fate }) => fate)], ['unknown', ['unknown']]);
    assert.match(callbacks?.[0]?.note ?? '', /later/);
  });
});
