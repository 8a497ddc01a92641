// Plans by MCP and what their tokens are good for: for one caller, for ten minutes, for one act,
// and only while things stand as the plan saw them.
import assert from 'node:assert/strict';
import type { Authenticator } from '../../../admin/access/authenticator.ts';
import { createCaller } from '../../../admin/access/caller.ts';
import { noAudit } from '../../../admin/audit-view.ts';
import { createConsole } from '../../../admin/console/create-console.ts';
import { SignInCodes } from '../../../admin/console/sign-in-codes.ts';
import type { FeatureMove, PlatformView } from '../../../admin/platform-view.ts';
import { noPolicies } from '../../../admin/policy-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { realWorld } from '../../../core/world.ts';
import type { FeatureReport, StandingReport } from '../../../gateway/strangler/report.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { fakeView } from '../../fakes/platform-view.ts';
import { fakeFeature, fakeStrangler } from '../../fakes/strangler-report.ts';
import { TOKEN } from '../running-admin.ts';
import { mcpPorts, planToken } from './mcp-port.ts';

const STEPS: readonly StandingReport[] = [5, 25, 50, 100].map(percent => ({ phase: 'canary', percent }));
const PROMOTE = { action: 'promote', name: 'shop', feature: 'orders' };

/** Operators by their names. */
const byNames: Authenticator = {
  takes: 'a name',
  identify: ({ token }) =>
    token === 'ada' || token === 'bob' ? createCaller(token, [{ role: 'operator' }]) : undefined,
};
const as = (name: string) => ({ authorization: `Bearer ${name}` });

/** A feature that processes share; each has its own list of moves. */
class SharedFeature {
  at = 0;
  readonly moved: FeatureMove[] = [];

  view(moves: FeatureReport['moves'] = []): PlatformView {
    return fakeView({
      stranglers: {
        list: () => [],
        get: (_namespace, name) => fakeStrangler(name, [this.#report(moves)]),
        move: async (_namespace, _name, _feature, move) => {
          const next = STEPS[this.at + 1];
          if (move.action === 'promote' && move.to && move.to.percent !== next?.percent)
            throw new TenfoldError('conflict', 'It has moved meanwhile.');
          this.moved.push(move);
          this.at++;
          return this.#report(moves);
        },
      },
    });
  }

  #report(moves: FeatureReport['moves']): FeatureReport {
    const [now, next] = [STEPS[this.at] ?? assert.fail(), STEPS[this.at + 1]];
    const switched = { by: 'command' as const, at: `2026-11-30T00:00:0${this.at}Z`, reason: 'x' };
    return fakeFeature('orders', { ...now, ...(next && { next }), switched, moves });
  }
}

describe('the token of a plan', () => {
  const start = mcpPorts();
  after(removeTempFolders);

  const purging = () => {
    const purged: object[] = [];
    const purge = async (selector: object) => purged.push(selector);
    return { purged, view: fakeView({ policies: { ...noPolicies, purge } }) };
  };

  it('is good once, though nothing looks different after the act', async () => {
    const { purged, view } = purging();
    const { ask } = await start(view);
    const token = planToken(await ask('plan', { action: 'purge-cache', answers: { api: 'shop' } }));
    assert.match(await ask('act', { token }), /It is done/);
    assert.match(await ask('act', { token }), /^conflict: This plan was carried out/);
    assert.equal(purged.length, 1);
    const again = planToken(await ask('plan', { action: 'purge-cache', answers: { api: 'shop' } }));
    assert.match(await ask('act', { token: again }), /It is done/);
  });

  it('takes a feature one step on, to the one that the plan names, however many act at once', async () => {
    const feature = new SharedFeature();
    const [one, other] = [await start(feature.view()), await start(feature.view())];
    const plan = await one.ask('plan', PROMOTE);
    assert.match(plan, /which is in phase canary at 5%, to phase canary at 25%\./);
    assert.doesNotMatch(plan, /another page/);
    const token = planToken(plan);
    const acts = [one, one, other, other].map(({ ask }) => ask('act', { token }));
    const done = (await Promise.all(acts)).filter(text => /It is done/.test(text));
    assert.equal(done.length, 1);
    assert.deepEqual(feature.moved, [
      { action: 'promote', reason: 'Moved by command.', force: false, to: { phase: 'canary', percent: 25 } },
    ]);
  });

  it('is good at another replica, which has not seen how the feature came there', async () => {
    const feature = new SharedFeature();
    const move = { at: '2026-11-30T00:00:00Z', from: STEPS[0]!, to: STEPS[0]!, by: 'command' as const, reason: 'x' };
    const [one, other] = [await start(feature.view([move])), await start(feature.view())];
    assert.match(await other.ask('act', { token: planToken(await one.ask('plan', PROMOTE)) }), /It is done/);
  });

  it('is not given where no step leads on', async () => {
    const feature = new SharedFeature();
    feature.at = STEPS.length - 1;
    const { ask } = await start(feature.view());
    assert.match(await ask('plan', PROMOTE), /There is nothing to do: no step leads on/);
  });

  it('is good for the caller who planned, and for nobody else', async () => {
    const { purged, view } = purging();
    const { ask } = await start(view, { authenticators: [byNames] });
    const token = planToken(await ask('plan', { action: 'purge-cache', answers: {} }, as('ada')));
    assert.match(await ask('act', { token }, as('bob')), /^bad-request: This is no token of a plan of yours/);
    assert.deepEqual(purged, []);
    assert.match(await ask('act', { token }, as('ada')), /It is done/);
    assert.equal(purged.length, 1);
  });

  it('is nothing that a viewer gets', async () => {
    const { purged, view } = purging();
    let role: 'operator' | 'viewer' = 'operator';
    const changing = { takes: 'x', identify: () => createCaller('eve', [{ role }]) };
    const { ask } = await start(view, { authenticators: [changing] });
    const planned = planToken(await ask('plan', { action: 'purge-cache', answers: {} }, as('eve')));
    role = 'viewer';
    assert.match(await ask('plan', { action: 'purge-cache', answers: {} }, as('eve')), /^forbidden: "eve" may not/);
    assert.match(await ask('act', { token: planned }, as('eve')), /^forbidden: /, 'the role counts at the act');
    assert.deepEqual(purged, []);
  });

  it('is good for ten minutes', async () => {
    const { purged, view } = purging();
    let now = Date.UTC(2026, 10, 30);
    const { ask } = await start(view, { world: { ...realWorld, now: () => now } });
    const token = planToken(await ask('plan', { action: 'purge-cache', answers: {} }));
    const late = planToken(await ask('plan', { action: 'purge-cache', answers: {} }));
    now += 600_000;
    assert.match(await ask('act', { token }), /It is done/);
    now += 1;
    assert.match(await ask('act', { token: late }), /^conflict: The plan is older than ten minutes/);
    assert.equal(purged.length, 1);
  });

  it('is given to no session of the Console', async () => {
    const allowed = { authenticators: [], allowedHosts: [], audit: noAudit, now: () => Date.now() };
    const folder = tempFolder({ 'index.html': '<p>The page</p>' });
    const console = createConsole({ folder, codes: new SignInCodes(() => Date.now()), adminToken: TOKEN, ...allowed });
    const { post, url } = await start(fakeView(), { console });
    const signedIn = await fetch(new URL('/console/session', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: TOKEN }),
    });
    const { proof } = (await signedIn.json()) as { proof: string };
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    const session = { cookie, 'x-tenfold-session': proof };
    assert.equal((await fetch(new URL('/api/caller', url), { headers: session })).status, 200);
    assert.equal((await post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, session)).status, 401);
  });

  it('holds long texts, and one that is longer is refused in words', async () => {
    const { purged, view } = purging();
    const { ask } = await start(view);
    const path = `/${'x'.repeat(999)}`;
    const plan = await ask('plan', { action: 'purge-cache', answers: { path } });
    assert.ok(plan.indexOf(path) > plan.search(/^\[[0-9a-f]{12}\]$/m), 'the path is between the marks');
    assert.match(await ask('act', { token: planToken(plan) }), /It is done/);
    assert.deepEqual(purged, [{ path }]);
    const long = { path, prefix: path, route: path, tag: path };
    assert.match(
      await ask('plan', { action: 'purge-cache', answers: long }),
      /^bad-request: The token .*shorter texts/,
    );
    const tooLong = await ask('plan', { action: 'purge-cache', answers: { path: `${path}x` } });
    assert.match(tooLong, /<=1000/);
  });

  it('is not given for half of a character', async () => {
    const { ask } = await start(fakeView());
    for (const name of ['\ud800', 'x\udc00'])
      assert.match(await ask('plan', { action: 'rebuild', name }), /^bad-request: .*well-formed Unicode/);
    assert.match(await ask('story', { event: '\ud800', namespace: 'default' }), /^bad-request: .*well-formed Unicode/);
  });
});
