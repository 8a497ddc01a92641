// Changes the header fields of the answer that a target gave.
import type { Step } from '../exchange/step.ts';
import { compileHeaderChanges, type HeaderChanges } from './rewrite.ts';

export function changeResponseHeaders(changes: HeaderChanges | undefined): Step | undefined {
  if (changes === undefined) return undefined;
  const change = compileHeaderChanges(changes);
  return exchange =>
    exchange.response.addFilter({
      filterHead(head) {
        head.fields = change(head.fields, exchange.request.clientVariables);
      },
    });
}
