// `tenfold publish`: through the real listener of a platform, and against one that
// has no room for a moment.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { run } from '../../../cli/run.ts';
import type { Terminal } from '../../../cli/terminal.ts';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

const APP = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec:
  partitions: 1
  schema: { type: object, required: [cups], properties: { cups: { type: integer, minimum: 1 } } }
`;

async function* input(...chunks: string[]) {
  yield* chunks;
}

describe('publish', () => {
  let folder: string;

  async function publish(words: readonly string[], more: Partial<Terminal> = {}) {
    const terminal = fakeTerminal({ cwd: folder, ...more });
    const code = await run(['publish', ...words], terminal);
    return { code, stdout: terminal.stdout, stderr: terminal.stderr };
  }

  describe('to a platform', () => {
    let platform: Platform;
    before(async () => {
      folder = tempFolder({ 'app.yaml': APP });
      platform = await startPlatform({
        directory: folder,
        watch: false,
        host: '127.0.0.1',
        ports: { public: 0, internal: 0, admin: 0 },
        events: {},
      });
    });
    after(async () => {
      await platform.close(1000);
      removeTempFolders();
    });
    const kept = async () => (await platform.view.events.topics())[0]?.events;

    it('prints the id of what is durable', async () => {
      const { code, stdout, stderr } = await publish([
        'orders',
        '--data',
        '{"cups": 2}',
        '--id',
        'o1',
        '--key',
        'täble',
      ]);
      assert.deepEqual([code, stdout, stderr], [0, 'o1\n', '']);
      assert.equal(await kept(), 1);
    });

    it('says what is wrong with an event, and publishes nothing', async () => {
      const { code, stdout, stderr } = await publish(['orders', '--data', '-'], { stdin: input('{"cu', 'ps": 0}') });
      assert.deepEqual([code, stdout], [4, '']);
      assert.match(stderr, /cups/);
      assert.equal(await kept(), 1);
    });

    it('publishes lines, and lists those that are refused', async () => {
      const event = JSON.stringify({ specversion: '1.0', id: 'own', type: 't', source: '/s', data: { cups: 3 } });
      const bad = JSON.stringify({ specversion: '1.0', id: 'bad', type: 't', source: '/s', data: { cups: 0 } });
      const lines = ['{"cups": 1}', event, '', bad, '{"cups": ', '{"cups": 4}'].join('\n');
      const { code, stdout, stderr } = await publish(['orders', '--batch', '-'], { stdin: input(lines) });
      assert.deepEqual([code, stdout], [4, '3 events published\n']);
      assert.match(stderr, /2 were refused:\nPLACE +ID +WHY\nline 5 +- +This is no JSON: .*\nline 4 +bad +.*cups/);
      assert.equal(await kept(), 4);
    });

    it('publishes an array of more than one request takes', async () => {
      const before = (await kept()) ?? 0;
      const many = JSON.stringify(
        Array.from({ length: 1200 }, () => ({ cups: 1 })),
        null,
        1,
      );
      const { code, stdout } = await publish(['orders', '--batch', '-'], { stdin: input(many) });
      assert.deepEqual([code, stdout], [0, '1200 events published\n']);
      assert.equal(await kept(), before + 1200);
    });

    it('says which events a batch of nothing but refused ones has', async () => {
      const { code, stdout, stderr } = await publish(['orders', '--batch', '-'], { stdin: input('{"cups":0}\n7\n') });
      assert.deepEqual([code, stdout], [4, '0 events published\n']);
      assert.match(stderr, /2 were refused:\n.*\nline 1 .*\nline 2 /);
    });

    it('says which of a single event', async () => {
      const { code, stderr } = await publish(['orders', '--batch', '-'], { stdin: input('[{"cups":0}]') });
      assert.equal(code, 4);
      assert.match(stderr, /1 was refused:\n.*\nevent 1 /);
    });

    const mistakes: { words: string[]; code: number; says: RegExp; stdin?: string }[] = [
      { words: ['none', '--data', '1'], code: 3, says: /no topic none/ },
      { words: ['orders', '--batch', '-', '--id', '1'], code: 2, says: /its own data and ids/ },
      { words: ['orders', '--batch', 'none.json'], code: 3, says: /none\.json cannot be read/ },
      { words: ['orders', '--batch', '-'], code: 2, says: /no JSON array/, stdin: '[1, 2' },
      { words: ['orders', '--data', '1', '-n', 'other'], code: 3, says: /in namespace "other"/ },
    ];
    for (const { words, code, says, stdin = '' } of mistakes) {
      it(`${words.join(' ')}: ${code}`, async () => {
        const answer = await publish(words, { stdin: input(stdin) });
        assert.match(answer.stderr, says);
        assert.deepEqual([answer.code, answer.stdout], [code, '']);
      });
    }
  });

  describe('to a platform without room', () => {
    let server: Server;
    let answers: { status: number; body?: unknown; after?: string }[] = [];
    const bodies: { id: string }[][] = [];
    before(async () => {
      server = createServer(async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk);
        bodies.push(JSON.parse(Buffer.concat(chunks).toString()));
        const { status, body, after } = answers.shift() ?? { status: 204 };
        response.statusCode = status;
        if (after !== undefined) response.setHeader('retry-after', after);
        response.end(body === undefined ? undefined : JSON.stringify(body));
      });
      await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening));
    });
    after(() => server.close());
    beforeEach(() => bodies.splice(0));
    const send = (text: string) => {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const env = { TENFOLD_INTERNAL_URL: url, TENFOLD_INTERNAL_KEY: 'key' };
      return publish(['orders', '--batch', '-'], { env, stdin: input(text) });
    };
    const problem = (code: string) => ({ type: `https://x/errors#${code}`, detail: 'Not now.' });

    it('sends a whole batch again, with the same ids', async () => {
      answers = [{ status: 503, body: problem('overloaded') }];
      const { code, stdout } = await send('1\n2\n');
      assert.deepEqual([code, stdout], [0, '2 events published\n']);
      assert.deepEqual(bodies[1], bodies[0]);
    });

    it('sends those again that were too many', async () => {
      const error = problem('too-many-requests');
      answers = [{ status: 207, body: { results: [{ status: 204 }, { status: 429, error }] } }];
      const { code, stdout } = await send('1\n2\n');
      assert.deepEqual([code, stdout], [0, '2 events published\n']);
      assert.deepEqual(bodies[1], bodies[0]?.slice(1));
    });

    it('does not send again what is wrong', async () => {
      const results = [{ status: 400, error: problem('invalid-input') }, { status: 204 }];
      answers = [{ status: 207, body: { results } }];
      const { code, stdout, stderr } = await send('1\n2\n');
      assert.deepEqual([code, stdout, bodies.length], [4, '1 event published\n', 1]);
      assert.match(stderr, /line 1 .*Not now\./);
    });
  });
});
