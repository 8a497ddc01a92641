// What every provider of Functions must do, whatever runs them, seen through the
// operator as its users see it.
import assert from 'node:assert/strict';
import { eventually } from '../../eventually.ts';
import { pathOf } from '../installed-crds.ts';
import type { kubectl } from '../operator/operators.ts';
import type { Harness, Seen } from './harness.ts';

const IMAGE = 'ghcr.io/acme/menu:1';

export function describeProvider(
  name: Harness['name'],
  the: () => { readonly harness: Harness; readonly kube: ReturnType<typeof kubectl> },
): void {
  describe(`A Function by ${name}`, () => {
    let harness: Harness;
    let kube: ReturnType<typeof kubectl>;
    before(() => {
      ({ harness, kube } = the());
      assert.equal(harness.name, name);
    });

    const fn = (suffix: string) => `${name}-${suffix}`;
    const apply = (suffix: string, spec: object) =>
      kube.apply('Function', fn(suffix), { image: IMAGE, provider: name, ...spec });
    const until = async (suffix: string, what: string, holds: (seen: Seen) => boolean) => {
      let last: Seen | undefined;
      await eventually(async () => {
        last = await harness.see(fn(suffix));
        return last !== undefined && holds(last);
      }, what).catch(error => {
        throw new Error(`${error.message}; it is ${JSON.stringify(last)}`);
      });
      if (!last) throw new Error('It is not there.');
      return last;
    };
    const says = (suffix: string, expected: string) => kube.wait('Function', fn(suffix), 'Ready', expected, 15_000);

    it('is made, says where it is, and is ready once its instances answer', async () => {
      await apply('life', { scale: { min: 2, max: 4 } });
      await until('life', 'it is there', ({ image }) => image === IMAGE);
      await harness.report(fn('life'), 'starting');
      await says('life', 'False Starting');
      await harness.report(fn('life'), 'ready');
      await says('life', 'True Available');
      const { status } = await kube.get(pathOf('Function', fn('life')));
      assert.equal(status.url, harness.url(fn('life')));
    });

    it('runs what it was changed to', async () => {
      await apply('life', { image: 'ghcr.io/acme/menu:2', scale: { min: 2, max: 4 } });
      await until('life', 'the new image', ({ image }) => image === 'ghcr.io/acme/menu:2');
    });

    it('answers in part while instances are missing', async () => {
      await harness.report(fn('life'), 'partly');
      await says('life', 'True Available');
      await kube.wait('Function', fn('life'), 'Progressing', 'True RollingOut', 15_000);
      await harness.report(fn('life'), 'ready');
      await kube.wait('Function', fn('life'), 'Progressing', 'False Settled', 15_000);
    });

    it('keeps to the bounds of its scale', async () => {
      await until('life', 'its bounds', ({ least, most }) => least === 2 && most === 4);
      await apply('life', { scale: { min: 1, max: 3 } });
      await until('life', 'other bounds', ({ least, most }) => least === 1 && most === 3);
      await apply('life', { scale: { replicas: 3 } });
      await until('life', 'a fixed number', ({ least, most }) => least === 3 && most === 3);
    });

    it('says that it is stopped when it is to have no instances', async () => {
      await apply('life', { scale: { replicas: 0 } });
      await harness.report(fn('life'), 'stopped');
      await says('life', 'False Stopped');
      await harness.settle();
      await apply('life', { scale: { replicas: 1 } });
      await until('life', 'it is there again', ({ least }) => least === 1);
    });

    it('says that it is stuck when it gets no further', async () => {
      await apply('stuck', { scale: { replicas: 1 } });
      await until('stuck', 'it is there', () => true);
      await harness.report(fn('stuck'), 'stuck');
      await says('stuck', 'False Unavailable');
      await kube.wait('Function', fn('stuck'), 'Stalled', 'True Unavailable');
    });

    it('is called on while its newest version gets no further', async () => {
      await harness.report(fn('stuck'), 'ready');
      await says('stuck', 'True Available');
      await apply('stuck', { image: 'ghcr.io/acme/menu:2', scale: { replicas: 2 } });
      await until('stuck', 'the new image', ({ image }) => image === 'ghcr.io/acme/menu:2');
      await harness.report(fn('stuck'), 'behind');
      await kube.wait('Function', fn('stuck'), 'Stalled', 'True Unavailable', 15_000);
      await says('stuck', 'True Available');
      await kube.wait('Function', fn('stuck'), 'Degraded', 'True InstancesMissing', 15_000);
    });

    it('tries a change with a part of its calls, or is not taken with that, and who does it is named', async () => {
      const tried = apply('tried', { canary: { percent: 20 } });
      if (!harness.canaries) return assert.rejects(tried, /Only Knative divides the calls/);
      await tried;
      await until('tried', 'it is there', () => true);
      await harness.report(fn('tried'), 'ready');
      await until('tried', 'what is there keeps its calls', ({ canary }) => canary === 20);
      await apply('tried', { image: 'ghcr.io/acme/menu:2', canary: { percent: 20 } });
      await until('tried', 'the new image', ({ image }) => image === 'ghcr.io/acme/menu:2');
      await harness.report(fn('tried'), 'ready');
      await kube.wait('Function', fn('tried'), 'Progressing', 'True Canary', 15_000);
      const { status } = await kube.get(pathOf('Function', fn('tried')));
      const shares = status.traffic.map(({ tag, percent }: { tag: string; percent: number }) => [tag, percent]);
      assert.deepEqual(shares, [
        ['stable', 80],
        ['canary', 20],
      ]);
      await apply('tried', { image: 'ghcr.io/acme/menu:2' });
      await until('tried', 'all calls go to the newest', ({ canary }) => canary === undefined);
      await harness.report(fn('tried'), 'ready');
      await kube.wait('Function', fn('tried'), 'Progressing', 'False Settled', 15_000);
      assert.equal((await kube.get(pathOf('Function', fn('tried')))).status.traffic, undefined);
      return kube.remove('Function', fn('tried'));
    });

    describe('is made so that it', () => {
      let seen: Seen;
      before(async () => {
        await apply('whole', {
          timeout: '45s',
          scale: { min: 1, max: 3 },
          resources: { requests: { memory: '96Mi' }, limits: { memory: '192Mi' } },
          env: [
            { name: 'CURRENCY', value: 'EUR' },
            { name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name: 'database', key: 'url' } } },
          ],
        });
        seen = await until('whole', 'it is there', () => true);
      });

      it('has its variables, and its secrets by reference alone', () => {
        assert.equal(seen.variables['CURRENCY'], 'EUR');
        assert.equal(seen.variables['TENFOLD_FUNCTION_NAME'], fn('whole'));
        assert.equal(seen.variables['TENFOLD_NAMESPACE'], 'default');
        assert.equal(seen.variables['DATABASE_URL'], 'secretKeyRef database/url');
      });
      it('has the memory that it was given', () => {
        assert.deepEqual(seen.memory, { request: '96Mi', limit: '192Mi' });
      });
      it('has the time that a call may take', () => assert.equal(seen.timeoutSeconds, 45));
      it('can write nothing but /tmp', () => assert.equal(seen.readOnlyRoot, true));

      const promises: readonly [keyof Seen, unknown, string][] = [
        ['restricted', true, 'runs where only what is restricted may'],
        ['serviceLinks', false, 'is not told of all Services of its namespace'],
        ['accountToken', false, 'has no token of the cluster'],
        ['probes', true, 'is asked whether it lives'],
        ['spread', true, 'is spread over nodes and zones'],
        ['inside', true, 'is not reached from outside the cluster'],
        ['egress', true, 'does not reach what tells machines their secrets'],
      ];
      for (const [member, expected, text] of promises) {
        it(`${text}, or leaves that to its platform and says so`, () => {
          assert.equal(seen[member], harness.leaves.includes(member) ? undefined : expected);
        });
      }
    });

    it('is gone when it is deleted, and nothing that ran it is left', async () => {
      for (const suffix of ['life', 'stuck', 'whole']) await kube.remove('Function', fn(suffix));
      for (const suffix of ['life', 'stuck', 'whole']) {
        const gone = async () => {
          await harness.settle();
          const { code } = await kube.get(pathOf('Function', fn(suffix)));
          return code === 404 && (await harness.see(fn(suffix))) === undefined;
        };
        await eventually(gone, `${fn(suffix)} is gone`);
      }
    });
  });
}
