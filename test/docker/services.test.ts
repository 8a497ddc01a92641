// Docker has what docker-compose.yaml names, so that tests have each service in a container: the
// contracts run over those, and none of them over a program of this machine.
import assert from 'node:assert/strict';
import { elasticsearch } from '../services/elasticsearch.ts';
import { kafka } from '../services/kafka.ts';
import { redis } from '../services/redis.ts';
import { s3 } from '../services/s3.ts';
import { wayTo } from '../services/service.ts';

describe('services of tests, where Docker answers', () => {
  for (const kind of [redis, s3, elasticsearch, kafka])
    it(`run in a container: ${kind.name}`, () => {
      const way = wayTo(kind);
      assert.equal(way.by, 'container', way.by === 'url' ? way.url : way.why);
    });
});
