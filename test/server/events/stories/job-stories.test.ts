// The story of a job of a Queue: its attempts, what waits, and the links between it and the events
// before and after it.
import assert from 'node:assert/strict';
import type { JobStory, StoryLink } from '../../../../admin/story-view.ts';
import { parseJobId } from '../../../../core/jobs/job-id.ts';
import { jobKeysOf, jobScopeOf } from '../../../../core/jobs/job-row.ts';
import { parkingLogTopicOf, queueGroupOf, queueTopicOf } from '../../../../core/names.ts';
import { toTimestamp } from '../../../../core/world.ts';
import { encodeParkingLogRecord } from '../../../../worker/parking-log/parking-log-codec.ts';
import { overEachLog } from '../../../event-plane/logs.ts';
import { eventually } from '../../../eventually.ts';
import { NONCE, useJobSite } from './job-site.ts';
import type { Played } from './story-site.ts';

overEachLog('the story of a job of a Queue', log => {
  const own = useJobSite(log);
  const { playing, submit, told } = own;

  it('says by whom it was accepted, how it ended, how long that is kept, and that its callback was delivered', async () => {
    const id = await submit('imports');
    const story = await told('imports', id, ({ callbacks }) => callbacks?.[0]?.fate === 'done');
    assert.equal(story.job.state, 'succeeded');
    assert.deepEqual(
      story.consumers.map(({ fate }) => fate),
      ['done'],
    );
    const { acceptedBy, owner, traces, result, keptUntil = '', job } = story;
    assert.deepEqual([acceptedBy, owner, traces], ['endpoint', 'ada', ['4bf92f3577b34da6a3ce929d0e0e4736']]);
    assert.deepEqual(result, { status: 200, contentType: 'application/json', bytes: 10 });
    const finishedAt = 'finishedAt' in job ? (job.finishedAt ?? '') : '';
    assert.equal(Date.parse(keptUntil) - Date.parse(finishedAt), 86_400_000);
    assert.doesNotMatch(JSON.stringify(story), /token|tenfold-/);
    const [callback, ...more] = story.callbacks ?? [];
    assert.deepEqual([callback?.tells, callback?.to, more], ['succeeded', 'https://shop.example/hook', []]);
    const [found, ...others] = await own.site.findJob(id);
    assert.deepEqual(
      [found?.owner, found?.job, others],
      [{ kind: 'Queue', namespace: 'default', name: 'imports' }, id, []],
    );
  });

  it('says how an attempt failed, and when the next one is', async () => {
    playing.imports = { status: 500, body: { detail: 'no disk' } };
    const id = await submit('imports');
    const isParked = ({ job, consumers: [at] }: JobStory) => job.state === 'waiting' && at?.fate === 'parked';
    const { job, because, consumers, callbacks } = await told('imports', id, isParked);
    const [at] = consumers;
    assert.deepEqual(
      [at?.fate, at?.attempts, 'attempts' in job && job.attempts, callbacks],
      ['parked', 1, 1, undefined],
    );
    assert.match(
      because ?? '',
      new RegExp(`^It failed 1 time, last with ".+", and is tried again at ${at?.nextAttemptAt}\\.$`),
    );
  });

  it('is running while an attempt is under way, and lost once another worker has the partition', async () => {
    const begun = Promise.withResolvers<Played>();
    playing.imports = begun.promise;
    // A claim counts from ten seconds after the beginning on: so does one of just then.
    playing.behindMs = 9_990;
    const id = await submit('imports');
    const running = await told('imports', id, story => story.job.state === 'running');
    assert.deepEqual([running.consumers[0]?.fate, running.attemptLostAt], ['running', undefined]);
    assert.match(running.because ?? '', /^Attempt 1 began at .+ and has not ended\./);
    // It ends without a word, and another takes its partition over.
    const start = await own.pause();
    const claim = encodeParkingLogRecord({ type: 'claim', nonce: 'another' }, 0);
    await own.site.log.append(parkingLogTopicOf(queueGroupOf('default', 'imports')), [claim]);
    const lost = await own.site.tellJob('Queue', 'imports', id);
    assert.deepEqual([lost.job.state, lost.consumers[0]?.fate], ['waiting', 'waiting']);
    const imports = { namespace: 'default', name: 'imports' };
    const { items } = await own.site.jobs.list({ limit: 9 }, [imports]);
    const shown = [await own.site.jobs.read(imports, id), ...items];
    assert.deepEqual(shown, [lost.job, lost.job], 'the story, the job and the list say the same');
    assert.deepEqual((await own.site.jobs.list({ limit: 9, state: 'running' }, [imports])).items, []);
    assert.match(
      lost.because ?? '',
      /^Attempt 1 began at .+ lost the partition at .+, so the job is tried again\. It is/,
    );
    assert.ok(lost.because?.includes(lost.attemptLostAt ?? 'none'));
    await start();
    await told('imports', id, story => story.job.state === 'running' && story.attemptLostAt === undefined);
    begun.resolve({ status: 200 });
    await told('imports', id, story => story.job.state === 'succeeded');
  });

  it('says who has cancelled it', async () => {
    playing.imports = { status: 500 };
    const id = await submit('imports');
    await told('imports', id, story => story.job.state === 'waiting');
    const cancelled = {
      action: `DELETE /api/jobs/default/imports/${id}`,
      by: 'token ada',
      at: toTimestamp(Date.now()),
    };
    playing.audit = [{ id: '1', from: '::1', outcome: 'done', ...cancelled }];
    const key = jobKeysOf(parseJobId(id) ?? assert.fail()).cancel;
    assert.equal((await own.site.tellJob('Queue', 'imports', id)).cancelledBy, undefined);
    await own.site.store.put(jobScopeOf('default', 'imports', 0), key, '1', { ttlMs: 60_000 });
    const { cancelAsked, cancelledBy } = await own.site.tellJob('Queue', 'imports', id);
    assert.deepEqual([cancelAsked, cancelledBy], [true, { ...cancelled, action: 'cancel' }]);
  });

  it('is not lost where its worker has claimed its parking log anew, to compact it', async () => {
    const begun = Promise.withResolvers<Played>();
    playing.imports = begun.promise;
    playing.behindMs = 60_000;
    const parkingLog = parkingLogTopicOf(queueGroupOf('default', 'imports'));
    const id = await submit('imports');
    await told('imports', id, story => story.job.state !== 'queued');
    await own.pause();
    const checkpoint = { position: 0, top: 0, holes: [] };
    const claims = await own.site.log.bounds(parkingLog);
    await own.site.log.trim(parkingLog, 0, claims?.[0]?.end ?? assert.fail());
    await own.site.log.append(parkingLog, [encodeParkingLogRecord({ type: 'claim', nonce: 'own', checkpoint }, 0)]);
    const { job, attemptLostAt } = await own.site.tellJob('Queue', 'imports', id);
    begun.resolve({ status: 200 });
    assert.deepEqual([job.state, attemptLostAt], ['running', undefined]);
  });

  it('is not lost where the clock of its worker is behind that of the log', async () => {
    const begun = Promise.withResolvers<Played>();
    playing.imports = begun.promise;
    playing.behindMs = 5_000;
    const id = await submit('imports');
    const { consumers, attemptLostAt } = await told('imports', id, story => story.job.state !== 'queued');
    begun.resolve({ status: 200 });
    assert.deepEqual([consumers[0]?.fate, attemptLostAt], ['running', undefined]);
  });

  it('leads to the event that it was made of, and to the event that it became', async () => {
    const place = await own.site.publish('orders', { n: 1 });
    const isQueue = ({ of }: StoryLink) => of.kind === 'Queue';
    await eventually(async () => (await own.site.tell('orders', place)).ledTo.some(isQueue), 'the job is there');
    const id = (await own.site.tell('orders', place)).ledTo.find(isQueue)?.id ?? assert.fail();
    const story = await told('forwards', id, ({ ledTo }) => ledTo.length > 0);
    assert.equal(story.acceptedBy, 'consumer');
    assert.deepEqual(
      story.cameFrom.map(({ of, id: from }) => [of.kind, of.name, from]),
      [['Topic', 'orders', place]],
    );
    assert.deepEqual(
      story.ledTo.map(({ of }) => [of.kind, of.name]),
      [['Topic', 'done']],
    );
    const [from] = (await own.site.tell('done', story.ledTo[0]?.id ?? '')).cameFrom;
    assert.deepEqual([from?.of.kind, from?.id], ['Queue', id]);
  });

  it('gives its turn back when who asked for it leaves', async () => {
    const id = await submit('imports');
    await told('imports', id, story => story.job.state === 'succeeded');
    const asks = new AbortController();
    const asked = own.site.tellJob('Queue', 'imports', id, asks.signal);
    asks.abort(new Error('gone'));
    await assert.rejects(asked, /gone/);
    assert.equal((await own.site.tellJob('Queue', 'imports', id)).job.state, 'succeeded');
  });

  it('is that of its row when the log keeps its record no longer', async () => {
    const id = await submit('imports');
    await told('imports', id, story => story.job.state === 'succeeded' && story.consumers[0]?.fate === 'done');
    await own.site.log.trim(queueTopicOf('default', 'imports'), 0, Number(id.split('-')[1]) + 1);
    const story = await own.site.tellJob('Queue', 'imports', id);
    assert.deepEqual([story.job.state, story.event, story.consumers], ['succeeded', undefined, []]);
    assert.equal((await own.site.findJob(id)).length, 1);
    await assert.rejects(own.site.tellJob('Queue', 'imports', `9-9-${NONCE}`), { code: 'not-found' });
    await assert.rejects(own.site.tellJob('Queue', 'nothing', id), { code: 'not-found' });
  });
});
