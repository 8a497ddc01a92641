// Addresses of HTTP services. Which of them may be called at all is decided by one
// policy, at the time of the call.
import * as z from 'zod';
import { withMarks } from './marks.ts';

const WRONG =
  'This must be an absolute address such as http://orders.shop:8080 or https://api.example.com/v1, without user name, query or fragment.';

/** http or https, no user information, no query, no fragment. */
export function httpUrl() {
  const schema = z
    .string(WRONG)
    .max(2048, WRONG)
    .regex(/^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/, WRONG)
    .refine(text => URL.canParse(text), WRONG);
  return withMarks(schema, { typeName: 'URL', url: true });
}
