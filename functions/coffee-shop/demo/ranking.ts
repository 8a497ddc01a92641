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
    const { status, body } = await call('GET', `/leaderboard/${board}?top=20`, {}, 'quietly');
    return status === 200 ? (body.items as Ranked[]) : [];
  };
  const cupsOf = (board: readonly Ranked[]) => board.reduce((sum, { score }) => sum + score, 0);
  let boards: (readonly Ranked[])[] = [];
  await until('each cup is counted for its guest, its origin and its method', async () => {
    boards = await Promise.all(['lovers', 'origins', 'methods'].map(top));
    const [lovers = [], ...others] = boards;
    const isIn = lovers.some(({ value }) => value?.name === 'Grace');
    return isIn && others.every(each => cupsOf(each) === cupsOf(lovers));
  });
  for (const board of boards) {
    say(`  ${board.map(({ member, score, value }) => `${value?.name ?? member}: ${score}`).join(', ')}`);
    assert.ok(board.every(({ score }, index) => score <= (board[index - 1]?.score ?? score)));
  }
  const [lovers, origins, methods] = boards;
  assert.equal(lovers?.find(({ value }) => value?.name === 'Grace')?.score, 3);
  assert.equal(origins?.find(({ member }) => member === 'Brazil')?.score, 3);
  assert.ok(methods?.some(({ member }) => member === 'pour-over'));
}
