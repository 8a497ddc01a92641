// Queues over a real log and store, whose function and callback receiver a test plays.
import assert from 'node:assert/strict';
import type { AuditEntry } from '../../../../admin/audit-view.ts';
import type { JobStory } from '../../../../admin/story-view.ts';
import { CALLBACK_HEADER, JOB_HEADER } from '../../../../core/jobs/job-id.ts';
import { queueTopicOf } from '../../../../core/names.ts';
import type { CallRequest } from '../../../../worker/deliver/caller.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import type { OpenLog } from '../../../event-plane/logs.ts';
import { eventually } from '../../../eventually.ts';
import { openStorySite, type Played } from './story-site.ts';

const APP = `
kind: Topic; metadata: { name: orders }; spec: { partitions: 1 }
kind: Topic; metadata: { name: done }; spec: { partitions: 1 }
kind: Subscription; metadata: { name: enqueue }; spec: { topic: orders, from: earliest, to: { queue: forwards } }
kind: Queue; metadata: { name: forwards }; spec: { to: { topic: done }, partitions: 1 }
kind: Queue; metadata: { name: imports }; spec: { to: { function: import }, partitions: 1, callbacks: { secret: hook, retry: { initial: 1h, max: 1h } }, retry: { within: 10h, initial: 1h, max: 1h } }
kind: Queue; metadata: { name: strict }; spec: { to: { function: import }, partitions: 1, callbacks: { secret: hook, retry: { initial: 1h, max: 1h } } }
kind: Function; metadata: { name: import }; spec: { url: "http://import.example" }
`;
const HOOK = 'https://shop.example/hook?token=secret';

export const NONCE = '0123456789abcdef';

/** What a test changes of a site. */
interface Playing {
  /** The answer of the function. */
  imports: Played | Promise<Played>;
  receiver: Played;
  /** How far the clock of the workers is behind that of the log, milliseconds. */
  behindMs: number;
  /** The audit log, the newest first. */
  audit: readonly AuditEntry[];
}

/** Has a running site for each test of a suite. */
export function useJobSite(log: OpenLog) {
  let site: Awaited<ReturnType<typeof openStorySite>>;
  let stop: (() => Promise<void>) | undefined;
  const playing: Playing = { imports: { status: 200 }, receiver: { status: 200 }, behindMs: 0, audit: [] };
  const play = (name: string, _: CallRequest) => (name === 'import' ? playing.imports : playing.receiver);

  beforeEach(async () => {
    Object.assign(playing, { imports: { status: 200, body: { rows: 7 } }, receiver: { status: 200 }, behindMs: 0 });
    const seen = { behindMs: () => playing.behindMs, audit: () => playing.audit };
    site = await openStorySite({ app: APP, folder: tempFolder(), log, play, ...seen });
    stop = await site.start();
  });
  afterEach(async () => {
    await stop?.();
    await site.close();
    removeTempFolders();
  });

  const submit = async (queue: string) => {
    const headers = {
      ce_specversion: '1.0',
      ce_id: 'e1',
      ce_source: '/shop',
      ce_type: 'Import',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      [JOB_HEADER]: NONCE,
      'tenfold-accepted': String(Date.now()),
      'tenfold-owner': 'ada',
      [CALLBACK_HEADER]: HOOK,
    };
    const [at = assert.fail()] = await site.log.append(queueTopicOf('default', queue), [
      { key: null, value: Buffer.from('{}'), headers },
    ]);
    return `${at.partition}-${at.offset}-${NONCE}`;
  };
  const told = async (queue: string, id: string, isIt: (story: JobStory) => boolean) => {
    let story: JobStory | undefined;
    await eventually(async () => {
      story = await site.tellJob('Queue', queue, id);
      return isIt(story);
    }, 'the story has come so far');
    return story ?? assert.fail();
  };

  return {
    playing,
    get site() {
      return site;
    },
    submit,
    /** The story as soon as it has come so far. */
    told,
    /** Ends all workers; resolves to what starts them again. */
    async pause() {
      await stop?.();
      stop = undefined;
      return async () => {
        stop = await site.start();
      };
    },
  };
}
