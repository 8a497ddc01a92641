// What doctor --online says of objects of which nobody can say whether they are damaged, and of
// damaged ones that are nobody's.
import assert from 'node:assert/strict';
import type { ObjectCheck, ObjectOwner } from '../../../admin/object-view.ts';
import { doctorOnline } from '../../../cli/doctor/online.ts';
import { ownerOf } from '../../../server/objects/owner-of.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';

const checked = { kind: 'checked', objects: 3, bytes: 10, damaged: 0, unknown: 0 } as const;

async function doctor(lines: readonly ObjectCheck[], format: 'table' | 'json' = 'table') {
  const terminal = fakeTerminal({});
  const client = {
    async *checkObjects() {
      yield* lines;
    },
    async *repairObjects() {},
  };
  await doctorOnline(client, { repair: false, dryRun: false, format }, terminal);
  return terminal;
}

function unknown(key: string): ObjectCheck {
  return { kind: 'unknown', object: { key, owner: ownerOf(key) } };
}

function damaged(owner: ObjectOwner, key: string): ObjectCheck {
  return { kind: 'damaged', object: { key, owner, reason: 'It has 3 bytes instead of 4.', at: 0 } };
}

describe('doctor --online', () => {
  it('says that all are as they were written only where all could be compared', async () => {
    assert.match((await doctor([checked])).stderr, /all are as they were written\.\n$/);
    const { stderr, exitCode } = await doctor([unknown('objects/shop/cat.jpg'), { ...checked, unknown: 1 }]);
    assert.match(stderr, /none is known to be damaged\.\nunknown: 1 object has no checksum, so damage to it does not/);
    assert.equal(exitCode, 0);
  });

  it('says of objects without a checksum how many they are, which, whose, and what to do', async () => {
    const lines = [unknown('objects/shop/cat.jpg'), unknown('else'), { ...checked, unknown: 7 }];
    const { stderr } = await doctor(lines);
    assert.match(stderr, /unknown: 7 objects have no checksum/);
    assert.match(stderr, /an object of the application in shop \(objects\/shop\/cat\.jpg\)/);
    assert.match(stderr, /an object that no resource is known for \(else\)/);
    assert.match(stderr, /and 5 more\n/);
    assert.match(stderr, /write them again with a checksum \(x-amz-checksum-crc32\)/);
    const found = JSON.parse((await doctor(lines, 'json')).stdout).unknown;
    assert.equal(found.count, 7);
    assert.deepEqual(
      found.objects.map(({ key }: { key: string }) => key),
      ['objects/shop/cat.jpg', 'else'],
    );
  });

  for (const [keys, expected] of [
    [['else'], /1 is damaged\. No resource is known for it: .*Delete them from the blob store/],
    [['else', 'more'], /2 are damaged\. No resource is known for any of them: /],
    [['else', 'objects/shop/cat.jpg'], /2 are damaged\. No resource is known for 1 of them: /],
    [['objects/shop/cat.jpg'], /1 is damaged\.\n/],
  ] as const)
    it(`says whether a resource is known for the damaged ${keys.join(' and ')}`, async () => {
      const lines = keys.map(key => damaged(ownerOf(key), key));
      const { stderr, exitCode } = await doctor([...lines, { ...checked, damaged: keys.length }]);
      assert.match(stderr, expected);
      assert.equal(exitCode, 1);
    });
});
