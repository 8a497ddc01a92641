// Data with a number that a place of the kinds gets, and how places are asked.
import assert from 'node:assert/strict';
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import { variablesOf } from '../../gateway/upstream/call-variables.ts';
import { sourceItem } from '../../worker/pipelines/flow/item-codec.ts';

/** What a place makes of data: text with all that it gives. `n`: the number in them. */
export type Place = (json: string, n: bigint) => unknown;

export const HEADERS = {
  ce_specversion: '1.0',
  ce_id: 'e',
  ce_source: '/s',
  ce_type: 't',
  'content-type': 'application/json',
};
export const recordOf = (json: string): LogRecord => ({
  offset: 0,
  timestamp: 0,
  key: 'k',
  value: Buffer.from(json),
  headers: HEADERS,
});
export const itemOf = (json: string) => sourceItem(recordOf(json), 0, 'orders');
export const requestOf = (body: string) => variablesOf({ method: 'POST', path: '/', headers: [], body });
export const ID = '${event.data.id}';
/** Whether it is this number, and no other. */
export const isIt = (n: bigint, id = 'event.data.id') =>
  `\${${id} == ${n} && ${id} != ${n + 1n} && ${id} != ${n - 1n}}`;
export const holds = (answer: unknown) => assert.equal(answer, true, 'a comparison is wrong');
