// The pages of the catalogue of Topics: searched and filtered, with one entry, and where they lead.
import { assertAccessible } from './accessible.ts';
import { LOOKS, picture, type RunningConsole } from './running-console.ts';

/** A Topic that says all of itself, beside those of the shop, which say nothing. */
export const catalogueFiles = {
  'deliveries.yaml': `
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata:
  name: deliveries
  annotations:
    tenfold.dev/owner: "group:default/couriers"
    tenfold.dev/lifecycle: production
    kubernetes.io/description: Each parcel once, as soon as a courier has taken it along.
spec:
  compatibility: full
  schedules: [{ name: nightly-list, cron: "30 2 * * *", timeZone: UTC, data: { parcel: none } }]
  schema:
    type: object
    required: [parcel]
    properties:
      parcel: { type: string }
      phone: { type: string, x-sensitive: true }
    examples: [{ parcel: p-17, phone: "0170 1234" }]
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: doorbell }
spec: { topic: deliveries, filter: "\${event.data.parcel != 'none'}", to: { function: screen } }
`,
};

/** Over a platform that has `catalogueFiles`. */
export function topicPages(running: RunningConsole): void {
  for (const look of LOOKS)
    it(`lists Topics, and shows one with its schema, samples, senders and readers, ${look}`, async () => {
      const page = await running.open('topics', look);
      const row = page.getByRole('row').filter({ hasText: 'deliveries' });
      await row.getByText('yes, with sensitive fields').waitFor();
      await assertAccessible(page);
      await picture(page, `topics-${look}`);
      await row.getByRole('link', { name: 'deliveries' }).click();
      await page.getByText('Each parcel once').waitFor();
      await page.getByText('Masked for whoever looks at events:').waitFor();
      await page.getByText('readers of either schema can read all events').waitFor();
      await page.getByText('"p-17"').waitFor();
      await page.getByRole('row').filter({ hasText: 'doorbell' }).getByText("event.data.parcel != 'none'").waitFor();
      await assertAccessible(page);
      await picture(page, `topic-entry-${look}`);
    });

  it('finds Topics by their words, owners and neighbours, as the address says', async () => {
    const page = await running.open('topics');
    const row = (name: string) => page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
    await row('orders').waitFor();
    await page.getByLabel('Name, purpose or neighbour').fill('DOORBELL');
    await row('orders').waitFor({ state: 'detached' });
    await row('deliveries').waitFor();
    await page.waitForURL(/topics\?text=DOORBELL$/);
    await page.getByLabel('Owner').selectOption('group:default/couriers');
    await page.waitForURL(/owner=group/);
    await page.getByLabel('Name, purpose or neighbour').fill('nothing has this');
    await page.getByRole('heading', { name: 'No Topic matches' }).waitFor();
    await page.getByRole('link', { name: 'Show all Topics' }).click();
    await row('orders').waitFor();
  });

  it('leads by the keyboard from the list to a Topic, and on to who reads it', async () => {
    const page = await running.open();
    await page.locator('main h1').waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('e');
    await page.getByRole('row').filter({ hasText: 'deliveries' }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(/console\/topics\/default\/deliveries$/);
    await page.getByRole('row').filter({ hasText: 'nightly-list' }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(/console\/schedules\/Topic\/default\/deliveries\/nightly-list$/);
    await page.goBack();
    await page.getByRole('link', { name: 'doorbell' }).click();
    await page.waitForURL(/console\/resources\/Subscription\/default\/doorbell$/);
  });

  it('says of a Topic that says nothing of itself what to add, and of one that is not there that it is not', async () => {
    const page = await running.open('resources/Topic/default/printed');
    await page.getByRole('link', { name: 'Schema, samples, who sends and who reads' }).click();
    await page.getByText('Nobody has said what it is for').waitFor();
    await page.getByText('Nothing reads it').waitFor();
    await assertAccessible(page);
    await picture(page, 'topic-entry-unsaid');
    const gone = await running.open('topics/default/nothing');
    await gone.getByRole('heading', { name: 'There is no such Topic' }).waitFor();
  });

  it('goes on showing what it knew where the platform does not answer, and says so at first', async () => {
    const page = await running.open('topics/default/deliveries');
    await page.getByText('Each parcel once').waitFor();
    await page.clock.install();
    await page.route('**/api/**', route => route.abort());
    await page.clock.runFor(120_000);
    await page.getByRole('status').getByText('The platform does not answer').waitFor();
    await page.getByText('Each parcel once').waitFor();
    const other = await running.open();
    await other.locator('main h1').waitFor();
    await other.route('**/api/topics/catalogue*', route => route.abort());
    await other.getByRole('link', { name: 'Topics', exact: true }).click();
    await other.getByRole('alert').getByText('The platform does not answer').waitFor();
  });
}
