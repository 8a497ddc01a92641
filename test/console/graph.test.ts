// The page "What is there", in a real browser: the graph of an application that runs, the list
// beside it, and what becomes of one that nobody could read.
import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import type { Graph, GraphNode } from '../../admin/graph/graph-view.ts';
import { eventually } from '../eventually.ts';
import { assertAccessible } from './accessible.ts';
import { describeConsole, LOOKS, picture } from './running-console.ts';

/** Nodes that lead nowhere, or each to the next. */
function graphOf(count: number, namespace = 'default'): Graph {
  const nodes = Array.from({ length: count }, (_, at): GraphNode => {
    const name = `f${at}`;
    return { id: `Function/${namespace}/${name}`, kind: 'Function', namespace, name, ready: 'True', healthy: 'True' };
  });
  const edges = nodes
    .slice(1)
    .map(({ id }, at) => ({ from: nodes[at]?.id ?? '', to: id, how: 'calls' as const, count: 1 }));
  return { at: new Date().toISOString(), nodes, edges, unknown: [] };
}

async function drawsWhatIsNear(page: Page, rows: Locator, all: number): Promise<void> {
  assert.ok((await rows.count()) < all, 'those that nobody sees are not drawn');
  await eventually(async () => {
    await page.keyboard.press('End');
    return (await rows.count()) === all;
  }, 'all are drawn for somebody who scrolls to their end');
}

describeConsole('the Console, at what is there', running => {
  const boxNamed = (page: Page, id: string) => page.locator(`[data-node="${id}"]`);
  const list = (page: Page) => page.getByRole('region', { name: 'All nodes' });

  before(async () => {
    for (const order of ['17', '18']) await running.order(order, 'coffee');
    await running.order('19', 'tea');
    await eventually(() => running.has('receipts', 'DeadLetters'), 'receipts are given up');
    await eventually(() => running.has('wall', 'KeysParked'), 'the wall waits');
  });

  for (const look of LOOKS)
    it(`draws what leads to what, and lists it beside, ${look}`, async () => {
      const page = await running.open('graph', look);
      for (const id of ['Listener//public', 'Api/default/shop', 'Topic/default/orders', 'Subscription/default/wall'])
        await boxNamed(page, id).waitFor();
      await boxNamed(page, 'Subscription/default/receipts').getByText('2 dead').waitFor();
      await list(page).getByRole('link', { name: 'printer' }).waitFor();
      await assertAccessible(page);
      await picture(page, `graph-${look}`);
      await boxNamed(page, 'Subscription/default/wall').click();
      const panel = page.getByRole('complementary', { name: 'wall' });
      await panel.getByText('parked keys').waitFor();
      await panel.getByText('calls').first().waitFor();
      await assertAccessible(page);
      await picture(page, `graph-panel-${look}`);
    });

  it('shows a change as it happens, and numbers that lead to what they count', async () => {
    const page = await running.open('graph?at=Subscription%2Fdefault%2Freceipts');
    const panel = page.getByRole('complementary', { name: 'receipts' });
    await panel.getByRole('definition').filter({ hasText: /^2$/ }).first().waitFor();
    await running.order('20', 'cocoa');
    await boxNamed(page, 'Subscription/default/receipts').getByText('3 dead').waitFor();
    await panel.getByRole('link', { name: '3', exact: true }).first().click();
    await page.waitForURL(/failures\?kind=Subscription&namespace=default&name=receipts$/);
  });

  it('loads its script when it is opened, and not before', async () => {
    const page = await running.open();
    await page.getByRole('heading', { level: 1 }).waitFor();
    const loaded: string[] = [];
    page.on('request', request => {
      if (request.resourceType() === 'script') loaded.push(request.url());
    });
    await page.getByRole('link', { name: 'What is there' }).click();
    await boxNamed(page, 'Api/default/shop').waitFor();
    assert.ok(loaded.length > 0);
  });

  it('says what to do where its script cannot be loaded', async () => {
    const page = await running.open();
    await page.route('**/assets/graph-*.js', route => route.abort());
    await page.getByRole('link', { name: 'What is there' }).click();
    await page.getByRole('alert').getByText('This page could not be loaded').waitFor();
    await page.unroute('**/assets/graph-*.js');
    await page.getByRole('button', { name: 'Load the Console again' }).click();
    await boxNamed(page, 'Api/default/shop').waitFor();
  });

  it('is walked by the keyboard alone', async () => {
    const page = await running.open();
    await page.getByRole('heading', { level: 1 }).waitFor();
    for (const key of ['g', 't']) await page.keyboard.press(key);
    await boxNamed(page, 'Api/default/shop').focus();
    await page.keyboard.press('ArrowRight');
    const focused = () => page.evaluate('document.activeElement.dataset.node');
    assert.notEqual(await focused(), 'Api/default/shop');
    await page.keyboard.press('ArrowLeft');
    assert.equal(await focused(), 'Api/default/shop');
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'shop' }).waitFor();
    assert.equal(await page.locator('[data-node][tabindex="0"]').count(), 1);
    await list(page).getByRole('row').nth(1).waitFor();
    await page.evaluate('document.activeElement.blur()');
    await page.keyboard.press('j');
    const first = await list(page).getByRole('row').nth(1).getByRole('link').textContent();
    assert.equal(await page.evaluate('document.activeElement.textContent'), first);
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: String(first), exact: true }).waitFor();
  });

  it('keeps in the address what is shown: name, order, and what is around a node', async () => {
    const page = await running.open('graph?q=wall&sort=name');
    const names = list(page).getByRole('rowgroup').nth(1).getByRole('link');
    await names.first().waitFor();
    assert.deepEqual(await names.allTextContents(), ['wall']);
    await page.getByRole('textbox', { name: 'Name' }).fill('e');
    await page.waitForURL(/q=e/);
    await list(page).getByRole('link', { name: 'Name' }).click();
    await page.waitForURL(/down=true/);
    const texts = await names.allTextContents();
    assert.deepEqual(
      texts,
      texts.toSorted((one, other) => other.localeCompare(one)),
    );
    await page.getByRole('textbox', { name: 'Name' }).fill('');
    await boxNamed(page, 'Subscription/default/points').click();
    await page.getByRole('link', { name: 'Only what is around it' }).click();
    await boxNamed(page, 'Subscription/default/wall').waitFor({ state: 'detached' });
    await boxNamed(page, 'Subscription/default/points').waitFor();
    assert.equal(await page.locator('[data-node]').count(), 3);
    await page.getByLabel('How far around it').selectOption('2');
    await boxNamed(page, 'Subscription/default/wall').waitFor();
    await page.reload();
    await boxNamed(page, 'Subscription/default/wall').waitFor();
    assert.equal(await boxNamed(page, 'Function/default/screen').count(), 0);
    await page.getByRole('link', { name: 'Show everything' }).click();
    await boxNamed(page, 'Function/default/screen').waitFor();
  });

  it('is led to by a resource, with what is around it', async () => {
    const page = await running.open('resources/Subscription/default/wall');
    await page.getByRole('link', { name: 'See what is around it' }).click();
    await page.getByRole('complementary', { name: 'wall' }).waitFor();
    await boxNamed(page, 'Function/default/screen').waitFor();
    assert.equal(await page.locator('[data-node]').count(), 3);
  });

  it('draws a box for each kind, which opens into what is in it', async () => {
    const page = await running.open('graph?group=kind');
    const subscriptions = boxNamed(page, 'Subscription/default');
    await subscriptions.getByText('3 nodes').waitFor();
    await assertAccessible(page);
    await picture(page, 'graph-kinds');
    await subscriptions.click();
    await boxNamed(page, 'Subscription/default/wall').waitFor();
    assert.equal(await page.locator('[data-node]').count(), 3);
  });

  it('draws groups where nobody could read every node, and lists the nodes all the same', async () => {
    const page = await running.open();
    await page.route('**/api/graph', route => route.fulfill({ json: graphOf(510) }));
    await page.getByRole('link', { name: 'What is there' }).click();
    await boxNamed(page, 'Subscription/default').waitFor();
    await page.getByText('510 nodes, 509 edges; drawn in 6 groups').waitFor();
    await page.getByText('The first 500 of 510 are listed').waitFor();
    await assertAccessible(page);
    await picture(page, 'graph-large');
    await drawsWhatIsNear(page, list(page).getByRole('rowgroup').nth(1).getByRole('row'), 500);
  });

  it('lists groups where the platform answers with no more, and says so', async () => {
    const page = await running.open();
    const tooLarge = { status: 422, json: { detail: 'The graph has 10000 nodes.' } };
    await page.route('**/api/graph', route => route.fulfill(tooLarge));
    await page.getByRole('link', { name: 'What is there' }).click();
    await page.getByText('There are too many nodes for one answer').waitFor();
    await list(page).getByRole('link', { name: 'Subscription' }).waitFor();
    await page.route('**/api/graph?*', route => route.fulfill(tooLarge));
    await page.getByRole('combobox', { name: 'Kind' }).selectOption('Function');
    await page.getByText('The graph has 10000 nodes.').waitFor();
  });

  it('draws as many nodes as it may in a moment', async () => {
    const page = await running.open();
    await page.route('**/api/graph', route => route.fulfill({ json: graphOf(80) }));
    await page.getByRole('link', { name: 'What is there' }).click();
    await boxNamed(page, 'Function/default/f79').waitFor();
    assert.equal(await page.locator('[data-node]').count(), 80);
    await page.getByRole('button', { name: 'Larger' }).click();
    await page.getByRole('button', { name: 'Fit into the window' }).click();
    await picture(page, 'graph-most');
  });
});
