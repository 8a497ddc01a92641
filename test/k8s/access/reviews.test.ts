// What is asked of the API server about callers, what of its answers is kept, and for how long.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../core/errors.ts';
import { realWorld } from '../../../core/world.ts';
import { adminAudienceOf, createReviews, type KubeIdentity } from '../../../k8s/access/reviews.ts';
import { KubeError } from '../../../k8s/api/kube-error.ts';

const audience = adminAudienceOf('tenfold-system');
const tokenFor = (aud: unknown) => `a.${Buffer.from(JSON.stringify({ aud })).toString('base64url')}.c`;
const ada: KubeIdentity = { username: 'ada', uid: '7', groups: ['shop-team'], extra: { scopes: ['x'] } };

describe('reviews of callers', () => {
  let now: number;
  let asked: { path: string; body: { spec: Record<string, unknown> } }[];
  let answer: (path: string) => unknown;

  beforeEach(() => {
    now = 0;
    asked = [];
    answer = path =>
      path.endsWith('/tokenreviews')
        ? { status: { authenticated: true, user: ada, audiences: [audience] } }
        : { status: { allowed: true } };
  });

  const start = () =>
    createReviews({
      world: { monotonic: () => now, after: realWorld.after },
      audience,
      client: {
        async call(_method, path, options) {
          asked.push({ path, body: options?.body as never });
          return answer(path);
        },
      },
    });

  it('ask whose a token is, with the audience of the platform only where the token has it', async () => {
    const reviews = start();
    assert.deepEqual(await reviews.whoIs('opaque', '::1'), ada);
    await reviews.whoIs(tokenFor(['https://kubernetes.default.svc']), '::1');
    await reviews.whoIs(tokenFor(audience), '::1');
    assert.deepEqual(
      asked.map(({ path, body }) => [path, body.spec['audiences']]),
      [undefined, undefined, [audience]].map(each => ['/apis/authentication.k8s.io/v1/tokenreviews', each]),
    );
  });

  it('know nobody by a token that the server refuses, or whose audience it has not looked at', async () => {
    const reviews = start();
    answer = () => ({ status: { authenticated: false, error: 'no' } });
    assert.equal(await reviews.whoIs('bad', '::1'), undefined);
    answer = () => ({ status: { authenticated: true, user: ada } });
    assert.equal(await reviews.whoIs(tokenFor(audience), '::1'), undefined);
    answer = () => ({ status: { authenticated: true, user: {} } });
    assert.equal(await reviews.whoIs('nameless', '::1'), undefined);
    answer = () => 'no object';
    assert.equal(await reviews.whoIs('odd', '::1'), undefined);
  });

  it('ask for rights with all that the server said of the caller', async () => {
    const reviews = start();
    assert.equal(await reviews.may(ada, 'operate', 'shop'), true);
    await reviews.may(ada, 'view', undefined);
    assert.deepEqual(asked[0], {
      path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: {
          user: 'ada',
          uid: '7',
          groups: ['shop-team'],
          extra: { scopes: ['x'] },
          resourceAttributes: {
            group: 'tenfold.dev',
            resource: 'platform',
            version: '*',
            verb: 'operate',
            namespace: 'shop',
          },
        },
      },
    });
    assert.deepEqual(asked[1]?.body.spec['resourceAttributes'], {
      group: 'tenfold.dev',
      resource: 'platform',
      version: '*',
      verb: 'view',
      namespace: '',
    });
  });

  for (const [name, status] of Object.entries({
    'that says nothing': {},
    'that says no': { allowed: false },
    'that says yes and no': { allowed: true, denied: true },
    'in other words': { allowed: 'true' },
  })) {
    it(`give no right by an answer ${name}`, async () => {
      answer = () => ({ status });
      assert.equal(await start().may(ada, 'view', 'shop'), false);
    });
  }

  it('are asked once for many at the same time, and again after some seconds', async () => {
    const reviews = start();
    await Promise.all(Array.from({ length: 20 }, () => reviews.may(ada, 'view', 'shop')));
    assert.equal(asked.length, 1);
    answer = () => ({ status: { allowed: false } });
    now = 4_999;
    assert.equal(await reviews.may(ada, 'view', 'shop'), true);
    now = 5_000;
    assert.equal(await reviews.may(ada, 'view', 'shop'), false);
    // Another caller of the same name is another one.
    await reviews.may({ ...ada, groups: [] }, 'view', 'shop');
    assert.equal(asked.length, 3);
  });

  it('forget a token that is not known sooner than one that is', async () => {
    const reviews = start();
    await reviews.whoIs('good', '::1');
    answer = () => ({ status: { authenticated: false } });
    await reviews.whoIs('bad', '::1');
    now = 2_000;
    answer = () => ({ status: { authenticated: true, user: ada } });
    assert.deepEqual([await reviews.whoIs('bad', '::1'), await reviews.whoIs('good', '::1')], [ada, ada]);
    assert.equal(asked.length, 3);
    now = 10_000;
    answer = () => ({ status: { authenticated: false } });
    assert.equal(await reviews.whoIs('good', '::1'), undefined);
  });

  it('let nobody in while the server is away, and ask again at once', async () => {
    const reviews = start();
    answer = () => {
      throw new KubeError('cluster-unavailable', 'The API server did not answer: ECONNREFUSED', 0, {});
    };
    const away = (error: unknown) =>
      error instanceof TenfoldError && error.code === 'auth-unavailable' && /ECONNREFUSED/.test(error.message);
    await assert.rejects(reviews.whoIs('good', '::1'), away);
    await assert.rejects(reviews.may(ada, 'view', 'shop'), away);
    answer = () => ({ status: { allowed: true } });
    assert.equal(await reviews.may(ada, 'view', 'shop'), true);
    answer = () => {
      throw new KubeError('forbidden', 'no', 403, {});
    };
    await assert.rejects(reviews.whoIs('other', '::1'), /system:auth-delegator/);
  });

  it('take turns by the address of callers, so that one who guesses tokens leaves room for others', async () => {
    const reviews = start();
    const held = Promise.withResolvers<unknown>();
    answer = path => (path.endsWith('/tokenreviews') ? held.promise : { status: { allowed: true } });
    const ask = (from: string) => Array.from({ length: 100 }, (_, index) => reviews.whoIs(`${from}-${index}`, from));
    const ends = Promise.allSettled(ask('guesses'));
    assert.equal(await reviews.may(ada, 'view', 'shop'), true);
    const tokens = () => asked.filter(({ path }) => path.endsWith('/tokenreviews')).length;
    assert.equal(tokens(), 4);
    const other = reviews.whoIs('good', 'elsewhere');
    await new Promise(resolve => setImmediate(resolve));
    assert.equal(tokens(), 5);
    held.resolve({ status: { authenticated: true, user: ada } });
    assert.deepEqual(await other, ada);
    const refused = (await ends).filter(({ status }) => status === 'rejected');
    assert.equal(refused.length, 100 - 4 - 64);
    assert.deepEqual(await reviews.whoIs('guesses-99', 'guesses'), ada);
  });

  it('keep a bounded number of answers', async () => {
    const reviews = start();
    for (let index = 0; index <= 20_000; index++) await reviews.may(ada, 'view', `n${index}`);
    const before = asked.length;
    await reviews.may(ada, 'view', 'n20000');
    assert.equal(asked.length, before);
    await reviews.may(ada, 'view', 'n0');
    assert.equal(asked.length, before + 1);
  });
});
