// Hints over a real Redis: they reach every other process at once, and again once a server
// that was away has come back.
import assert from 'node:assert/strict';
import { realWorld } from '../../../../core/world.ts';
import { openRedisHints } from '../../../../drivers/store/redis/redis-hints.ts';
import { eventually } from '../../../eventually.ts';
import { redis, startRedis } from '../../../services/redis.ts';
import { findService } from '../../../services/service.ts';
import { redisCases } from './redis-cases.ts';

const service = findService(redis);

if (service)
  describe('hints over Redis', () => {
    const cases = redisCases();
    const open = (url: string, prefix?: string) => {
      const states: boolean[] = [];
      const connection = { urls: [url] };
      const hints = openRedisHints({ world: realWorld, connection, prefix, changed: ({ ok }) => states.push(ok) });
      cases.atEnd(() => hints.close());
      return { hints, states, ready: () => eventually(() => states.at(-1) === true, 'hints get through') };
    };

    it('reach all others that listen on the channel, and not whoever tells them', async () => {
      const server = await cases.redis();
      const [one, two, three, stranger] = [open(server.url), open(server.url), open(server.url), open(server.url, 'x')];
      await Promise.all([one, two, three, stranger].map(each => each.ready()));
      const heard: string[] = [];
      for (const [name, { hints }] of Object.entries({ one, two, three, stranger })) {
        hints.listen('a', message => heard.push(`${name} ${message}`));
      }
      three.hints.listen('b', () => assert.fail('it cannot be read'));
      const deaf = three.hints.listen('a', () => heard.push('three again'));
      deaf();
      one.hints.tell('b', 'of something else');
      one.hints.tell('a', 'first\nand its second line');
      await eventually(() => heard.length >= 2, 'two hear it');
      two.hints.tell('a', 'last');
      await eventually(() => heard.length >= 4, 'two hear it');
      assert.deepEqual(heard.sort(), [
        'one last',
        'three first\nand its second line',
        'three last',
        'two first\nand its second line',
      ]);
    });

    it('are lost while the server is away, and get through again when it is back', async () => {
      const server = await cases.redis();
      const [one, two] = [open(server.url), open(server.url)];
      await Promise.all([one.ready(), two.ready()]);
      const heard: string[] = [];
      two.hints.listen('a', message => heard.push(message));
      await server.process.stop();
      one.hints.tell('a', 'lost');
      const again = await startRedis({}, server.port);
      cases.atEnd(() => again.process.stop());
      await eventually(() => {
        one.hints.tell('a', 'back');
        return heard.length > 0;
      }, 'it is heard again');
      assert.ok(!heard.includes('lost'));
      assert.deepEqual([one.states, two.states], [[true], [true]]);
    });

    it('begin a connection anew that takes everything and answers nothing', async () => {
      const server = await cases.redis();
      const proxy = await cases.proxy(server);
      const url = `redis://127.0.0.1:${proxy.port}`;
      const world = { ...realWorld, after: (ms: number, run: () => void) => realWorld.after(ms / 20, run) };
      const fast = { ...world, monotonic: () => realWorld.monotonic() * 20 };
      const states: boolean[] = [];
      const hints = openRedisHints({
        world: fast,
        connection: { urls: [url] },
        changed: ({ ok }) => states.push(ok),
      });
      cases.atEnd(() => hints.close());
      await eventually(() => states.at(-1) === true, 'it gets through');
      proxy.swallow();
      await eventually(() => states.length === 3, 'it is noticed, and begun anew');
      assert.deepEqual(states, [true, false, true]);
    });
  });
