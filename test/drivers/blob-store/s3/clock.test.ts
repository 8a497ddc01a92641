// The time by which processes over one bucket decide what is old: that of the server.
import assert from 'node:assert/strict';
import { realWorld } from '../../../../core/world.ts';
import { newPrefix } from '../../../contract/blob-store/subject.ts';
import { s3 } from '../../../services/s3.ts';
import { findService } from '../../../services/service.ts';
import { s3Cases } from './s3-cases.ts';

const DAY_MS = 86_400_000;
const service = findService(s3);

if (service)
  describe('the clock of a bucket', () => {
    const cases = s3Cases();

    for (const by of [DAY_MS, -DAY_MS])
      it(`is that of the server, in a process whose own is ${by > 0 ? 'a day ahead' : 'a day behind'}`, async () => {
        const world = { ...realWorld, now: () => Date.now() + by };
        const blobs = await cases.store(service.url(), { world, prefix: newPrefix() });
        const off = (await blobs.now()) - Date.now();
        assert.ok(Math.abs(off) < 600_000, `${off} ms`);
      });
  });
