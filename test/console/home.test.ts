// The way into the Console, and its first page, in a real browser against a platform with real
// faults.
import assert from 'node:assert/strict';
import type { AdminCallers } from '../../server/platform-options.ts';
import { eventually } from '../eventually.ts';
import { startIssuer, type TestIssuer } from '../gateway/auth/test-issuer.ts';
import { assertAccessible } from './accessible.ts';
import { describeConsole, LOOKS, picture, type RunningConsole, VIEWER } from './running-console.ts';

let issuer: TestIssuer | undefined;

/** Whoever stands at the bar may look. */
async function callersOfIssuer(): Promise<AdminCallers> {
  issuer = await startIssuer();
  return {
    oidc: {
      issuer: issuer.url,
      audience: 'tenfold',
      algorithms: ['ES256'],
      clockSkew: 30_000,
      usernameClaim: 'sub',
      groupsClaim: 'groups',
      roles: [{ group: 'bar', role: 'viewer' }],
    },
  };
}

function signInByIdToken(running: RunningConsole): void {
  after(() => issuer?.close());

  it('lets somebody in by an ID token of an issuer, with the roles of its groups, and out again', async () => {
    assert.ok(issuer);
    const page = await running.fresh();
    await page.goto(`${running.platform.addresses.admin}/console/resources/Subscription/default/points`);
    await page.getByLabel('Token').fill(await issuer.sign({ aud: 'elsewhere', groups: ['bar'] }));
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Token').fill(await issuer.sign({ aud: 'tenfold', sub: 'grace', groups: ['bar'] }));
    await page.keyboard.press('Enter');
    await page.getByText('user grace', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Pause' }).press('Enter');
    await page.getByRole('alert').getByText('This needs the role operator in default').waitFor();
    await page.reload();
    await page.getByText('user grace', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
    await page.reload();
    await page.getByLabel('Token').waitFor();
  });
}

describeConsole(
  'the Console, from its door to what is wrong',
  running => {
    signInByIdToken(running);

    it('opens signed in by an address, which works once', async () => {
      const address = running.platform.openConsole();
      const page = await running.fresh();
      await page.goto(address);
      await page.getByRole('heading', { level: 1, name: 'All is well' }).waitFor();
      assert.ok(!page.url().includes('code='), page.url());
      await picture(page, 'home-well');
      // A session outlives a reload, and the same address in the same browser.
      await page.goto(address);
      await page.getByRole('heading', { level: 1, name: 'All is well' }).waitFor();
      await page.waitForURL(url => !url.hash.includes('code='));
      const other = await running.fresh();
      await other.goto(address);
      await other.getByText('This address was opened before').waitFor();
    });

    it('asks for a token, refuses a wrong one, and lets out again', async () => {
      const page = await running.fresh();
      await page.goto(`${running.platform.addresses.admin}/`);
      await page.getByLabel('Token').fill('wrong');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').getByText('does not know this token').waitFor();
      await assertAccessible(page);
      await picture(page, 'sign-in');
      await page.getByLabel('Token').fill(running.platform.adminToken);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByLabel('Token').waitFor();
      await page.reload();
      await page.getByLabel('Token').waitFor();
    });

    it('uses a code that comes to an open page, as another person too, and keeps it out of the history', async () => {
      const page = await running.fresh();
      await page.goto(`${running.platform.addresses.admin}/console/`);
      await page.getByLabel('Token').fill(VIEWER);
      await page.keyboard.press('Enter');
      await page.getByText('token ada').waitFor();
      await page.goto(running.platform.openConsole());
      await page.getByText('token ada').waitFor({ state: 'detached' });
      await page.waitForURL(url => url.hash === '');
      await page.goto(`${running.platform.addresses.admin}/console/#code=used`);
      await page.waitForURL(url => url.hash === '');
      await page.getByRole('heading', { level: 1, name: 'All is well' }).waitFor();
      await page.reload();
      await page.getByRole('heading', { level: 1, name: 'All is well' }).waitFor();
    });

    it('forgets what a person may do when another takes the place', async () => {
      const page = await running.open();
      const name = page.locator('.person-who p');
      await name.filter({ hasText: /./ }).waitFor();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.route('**/api/caller', () => undefined);
      await page.getByLabel('Token').fill(VIEWER);
      await page.keyboard.press('Enter');
      await page.locator('nav').waitFor();
      assert.equal(await name.textContent(), '');
    });

    it('asks once at its start what a person may do', async () => {
      const page = await running.open();
      await page.locator('.person-who p').filter({ hasText: /./ }).waitFor();
      let asked = 0;
      page.on('request', request => {
        if (request.url().endsWith('/api/caller')) asked += 1;
      });
      await page.reload();
      await page.getByRole('heading', { level: 1, name: 'All is well' }).waitFor();
      await page.locator('.person-who p').filter({ hasText: /./ }).waitFor();
      await page.evaluate('fetch("/api/caller?last")');
      assert.equal(asked, 1);
    });

    it('hears within a minute, and when a button is pressed, that a person may do more', async () => {
      const page = await running.open('resources/Subscription/default/points');
      const name = page.locator('.person-who p');
      await name.filter({ hasText: 'admin token' }).waitFor();
      const little = { name: 'admin token', everywhere: ['view'], namespaces: [] };
      await page.route('**/api/caller', route => route.fulfill({ json: little }));
      await page.clock.install();
      await page.reload();
      const pause = page.getByRole('button', { name: 'Pause' });
      await page.locator('button[aria-disabled="true"]').filter({ hasText: 'Pause' }).waitFor();
      await page.unroute('**/api/caller');
      await pause.press('Enter');
      await page.getByRole('button', { name: 'Resume' }).click();
      await pause.waitFor();
      await page.route('**/api/caller', route => route.fulfill({ json: little }));
      await page.clock.runFor(61_000);
      await page.locator('button[aria-disabled="true"]').filter({ hasText: 'Pause' }).waitFor();
    });

    it('shows that an address of no proper text leads nowhere', async () => {
      const page = await running.open();
      await page.evaluate("history.pushState({}, '', '/console/%E0'); dispatchEvent(new PopStateEvent('popstate'))");
      await page.getByText('There is no such page').waitFor();
    });

    it('keeps a cookie that no script reads and that opens nothing by itself', async () => {
      const page = await running.open();
      const [cookie, ...others] = await page.context().cookies();
      assert.deepEqual(others, []);
      assert.deepEqual([cookie?.httpOnly, cookie?.sameSite, cookie?.path], [true, 'Strict', '/']);
      assert.equal(await page.evaluate('document.cookie'), '');
      const alone = await fetch(`${running.platform.addresses.admin}/api/info`, {
        headers: { cookie: `${cookie?.name}=${cookie?.value}` },
      });
      assert.equal(alone.status, 401);
    });

    it('names what is wrong with its cause, and leads to its mend', async () => {
      await running.order('16', 'tea');
      await running.order('17', 'coffee');
      await running.order('18', 'cocoa');
      await running.admin('/api/consumers/Subscription/default/points/pause', { method: 'POST' });
      for (const [name, reason] of [
        ['receipts', 'DeadLetters'],
        ['wall', 'KeysParked'],
        ['points', 'Paused'],
      ] as const)
        await eventually(() => running.has(name, reason), `${name} is ${reason}`);
      for (const look of LOOKS) {
        const page = await running.open('', look);
        const finding = page.getByRole('listitem').filter({ hasText: 'Subscription wall' }).first();
        await finding.getByText('the screen of table 7 does not answer').waitFor();
        await finding.getByText('tenfold parked list').waitFor();
        await assertAccessible(page);
        await picture(page, `home-${look}`);
        await finding.getByRole('link', { name: 'Open what waits' }).click();
        assert.match(page.url(), /\/console\/failures\?kind=Subscription&namespace=default&name=wall$/);
      }
    });

    it('goes on showing what it knew, and says so, when the platform no longer answers', async () => {
      const page = await running.fresh();
      await page.route('**/api/changes?*', route => route.abort());
      await page.goto(running.platform.openConsole());
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.route('**/api/diagnosis', route => route.abort());
      await page.getByRole('status').getByText('The platform does not answer').waitFor();
      await page.unroute('**/api/diagnosis');
      await page.getByRole('button', { name: 'Ask now' }).click();
      await page.getByText('The platform does not answer').waitFor({ state: 'detached' });
    });
  },
  { callers: callersOfIssuer },
);
