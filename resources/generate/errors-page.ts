// The reference page of every error code; the `type` of a problem document points to its headings.
import { type ErrorCode, errorCodes } from '../../core/errors.ts';
import { GENERATED } from './marker.ts';

export function errorsPage(): string {
  return [
    `<!-- ${GENERATED} -->`,
    '# Error codes',
    '',
    'Failed requests are answered with a problem document (RFC 9457, `application/problem+json`). Its `type` is `https://tenfold.dev/errors#` and one of these codes; `detail` says what happened in this case. This page is at `/errors` of a running platform\'s admin port and of the site that `npm run docs-site` writes, so the rest of the address leads to its code there, in your version. "Retryable" means that the same request may succeed later, unchanged; Tenfold tries such calls again by itself where a retry is declared.',
    '',
    ...Object.entries(errorCodes).flatMap(([code, error]) => section(code, error)),
  ].join('\n');
}

function section(code: string, { status, retryable, title }: ErrorCode): string[] {
  return [`## ${code}`, '', `${title}.`, '', `- Status: ${status}`, `- Retryable: ${retryable ? 'yes' : 'no'}`, ''];
}
