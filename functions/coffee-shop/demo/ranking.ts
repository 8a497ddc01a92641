// The leaderboard: three views of the last thirty days that follow the orders.
import assert from 'node:assert/strict';
import { until, type Walk } from './client.ts';

interface Ranked {
  readonly member: string;
  readonly score: number;
  readonly value?: { readonly name: string };
}

export async function rank({ call, say }: Walk): Promise<void> {
  say('The month’s best: every order so far counts, cup by cup, in views that the orders know nothing of.');
  const top = async (board: string) => {
    const { status, body } = await call('GET', `/leaderboard/${board}?top=3`, {}, 'quietly');
    return status === 200 ? (body.items as Ranked[]) : [];
  };
  await until('all cups are counted', async () => (await top('lovers')).some(({ value }) => value?.name === 'Grace'));
  await until('by origin, too', async () => (await top('origins')).some(({ member }) => member === 'Brazil'));
  await until('and by method', async () => (await top('methods')).some(({ member }) => member === 'espresso'));
  const [lovers, origins, methods] = [await top('lovers'), await top('origins'), await top('methods')];
  for (const { member, score, value } of lovers) say(`  ${value?.name ?? member}: ${score} cups`);
  for (const { member, score } of [...origins, ...methods]) say(`  ${member}: ${score} cups`);
  assert.ok(lovers.every(({ score }, index) => score <= (lovers[index - 1]?.score ?? score)));
  assert.equal(lovers.find(({ value }) => value?.name === 'Grace')?.score, 3);
  assert.equal(origins.find(({ member }) => member === 'Brazil')?.score, 3);
  assert.equal(methods.find(({ member }) => member === 'espresso')?.score, 3);
}
