// What doctor --online says of objects of which nobody can say whether they are damaged.
import assert from 'node:assert/strict';
import type { ObjectCheck } from '../../../admin/object-view.ts';
import { doctorOnline } from '../../../cli/doctor/online.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';

describe('doctor --online', () => {
  const say = async (unknown: number) => {
    const terminal = fakeTerminal({});
    const checked: ObjectCheck = { kind: 'checked', objects: 3, bytes: 10, damaged: 0, unknown };
    const client = {
      async *checkObjects() {
        yield checked;
      },
      async *repairObjects() {},
    };
    await doctorOnline(client, { repair: false, dryRun: false, format: 'table' }, terminal);
    return terminal.stderr;
  };

  it('says that all are as they were written only where all could be compared', async () => {
    assert.match(await say(0), /all are as they were written\.\n$/);
    const some = await say(2);
    assert.match(
      some,
      /none is known to be damaged\.\nunknown: 2 objects have no checksum, so damage to them does not show/,
    );
    assert.match(await say(1), /unknown: 1 object has no checksum/);
  });
});
