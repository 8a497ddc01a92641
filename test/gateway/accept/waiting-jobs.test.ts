// Whether a queue takes another job: by what is known of it, and never refused by an old number.
import assert from 'node:assert/strict';
import { createWaitingJobs } from '../../../gateway/accept/waiting-jobs.ts';
import type { EventEndpoints } from '../../../gateway/endpoints/event-endpoints.ts';
import { createJobCounts } from '../../../gateway/endpoints/job-counts.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

describe('the count of waiting jobs', () => {
  const queue = (count: () => number | Promise<number>) => {
    const world = createFakeWorld();
    let asked = 0;
    const waitingJobs = async () => {
      asked++;
      return count();
    };
    const endpoints = { waitingJobs, jobs: createJobCounts() } as unknown as EventEndpoints;
    return {
      world,
      jobs: createWaitingJobs(world, endpoints, { namespace: 'shop', name: 'imports' }),
      asked: () => asked,
    };
  };

  it('refuses while it is full, and takes the first that comes after it has emptied', async () => {
    let waiting = 2;
    const { world, jobs } = queue(() => waiting);
    await assert.rejects(jobs.admit(2), { code: 'overloaded' });
    waiting = 0;
    await world.pass(60_000);
    await jobs.admit(2);
  });

  it('refuses the first that comes after it has filled up elsewhere', async () => {
    let waiting = 0;
    const { world, jobs } = queue(() => waiting);
    await jobs.admit(2);
    waiting = 2;
    await world.pass(60_000);
    await assert.rejects(jobs.admit(2), { code: 'overloaded' });
  });

  it('counts on from what it knows, and asks no more than twice a second', async () => {
    const { world, jobs, asked } = queue(() => 0);
    for (let taken = 0; taken < 5; taken++) {
      await jobs.admit(5);
      jobs.added();
    }
    await assert.rejects(jobs.admit(5), { code: 'overloaded' });
    assert.equal(asked(), 1);
    await world.pass(600);
    await jobs.admit(6);
    assert.equal(asked(), 2);
  });

  it('lets a caller wait for an answer only where it decides', async () => {
    const answers: ((count: number) => void)[] = [];
    const { world, jobs } = queue(() => new Promise(resolve => answers.push(resolve)));
    const first = jobs.admit(2);
    answers[0]?.(0);
    await first;
    await world.pass(600);
    // It asks anew, and does not wait: there is room by a number of a moment ago.
    await jobs.admit(2);
    assert.equal(answers.length, 2);
    answers[1]?.(0);
    jobs.added();
    jobs.added();
    await world.pass(600);
    // Now it would refuse, so it waits for a newer number, which has those two as done.
    const third = jobs.admit(2);
    answers[2]?.(0);
    await third;
  });
});
