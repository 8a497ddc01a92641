// Makes the variables of very many requests, one after the other, and prints how many bytes more
// than at first were in the old space at most.
import { getHeapSpaceStatistics } from 'node:v8';
import { createVariables } from '../../../gateway/exchange/variables.ts';

const head = { method: 'GET', path: '/a', query: '?b=1', host: 'shop.example', fields: ['cookie', 'd=e'] };
let most = 0;
make(2_000);
const before = oldBytes();
make(60_000);
console.log(most - before);

function make(count: number): void {
  for (let index = 0; index < count; index++) {
    const parsedBody = new Array(100).fill(index);
    const variables = createVariables({ head, params: {}, claims: undefined, consumer: undefined, parsedBody });
    if (variables.request.path !== '/a') throw new Error('The path is another one.');
    if (index % 1000 === 0) most = Math.max(most, oldBytes());
  }
}

function oldBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')?.space_used_size ?? 0;
}
