// What of a write an API server did not take: named by its path, and nothing
// where others only added to it.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { whatWasNotTaken } from '../../../../k8s/operator/function/taken.ts';

const asked = {
  metadata: { name: 'menu', labels: { app: 'menu' } },
  spec: {
    replicas: 2,
    template: {
      spec: {
        containers: [
          {
            name: 'function',
            image: 'acme/menu:2',
            args: ['--a', '--b'],
            env: [{ name: 'A', value: '1' }],
            cpu: '1000m',
          },
        ],
        volumes: [],
      },
    },
  },
};
type Asked = typeof asked;

describe('what an API server did not take', () => {
  const where = (change: (answer: Asked & Record<string, unknown>) => unknown) => {
    const answer = structuredClone(asked);
    change(answer);
    return whatWasNotTaken(answer, asked);
  };
  const containerOf = ({ spec }: Asked) => spec.template.spec.containers[0] ?? assert.fail();

  for (const [name, change, path] of [
    [
      'an image',
      one => Object.assign(containerOf(one), { image: 'mirror/menu:2' }),
      'spec.template.spec.containers[0].image',
    ],
    ['a number of instances', ({ spec }) => Object.assign(spec, { replicas: 1 }), 'spec.replicas'],
    ['a label that is gone', ({ metadata }) => Object.assign(metadata, { labels: {} }), 'metadata.labels.app'],
    ['arguments in another order', one => containerOf(one).args.reverse(), 'spec.template.spec.containers[0].args'],
    ['one more argument', one => containerOf(one).args.push('--c'), 'spec.template.spec.containers[0].args'],
    ['a variable that is gone', one => containerOf(one).env.pop(), 'spec.template.spec.containers[0].env[0]'],
    ['all of it', one => Object.assign(one, { spec: null }), 'spec'],
  ] as const satisfies readonly [string, (answer: Asked) => unknown, string][]) {
    it(`is ${name}`, () => assert.equal(where(change), path));
  }

  for (const [name, change] of [
    [
      'a container in front',
      ({ spec }) => spec.template.spec.containers.unshift({ ...containerOf(asked), name: 'proxy' }),
    ],
    ['a variable', one => containerOf(one).env.unshift({ name: 'B', value: '2' })],
    ['a label', ({ metadata }) => Object.assign(metadata.labels, { team: 'a' })],
    ['a status', one => Object.assign(one, { status: {} })],
    ['a quantity in other words', one => Object.assign(containerOf(one), { cpu: '1' })],
    ['nothing of what is empty', ({ spec }) => Reflect.deleteProperty(spec.template.spec, 'volumes')],
  ] as const satisfies readonly [string, (answer: Asked) => unknown][]) {
    it(`is nothing where the answer has ${name}`, () => assert.equal(where(change), undefined));
  }

  it('is nothing of any object that is answered as it is, with whatever is added', () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value), fc.dictionary(fc.string(), value), (wanted, more) => {
        assert.equal(whatWasNotTaken({ ...more, ...wanted }, wanted), undefined);
      }),
    );
  });
});
