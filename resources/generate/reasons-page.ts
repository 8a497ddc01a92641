// The reference page of the reasons for which the gateway answers with an error itself.
import { answerReasons } from '../../core/answer-reasons.ts';
import { GENERATED } from './marker.ts';

export function reasonsPage(): string {
  return [
    `<!-- ${GENERATED} -->`,
    '# Reasons of errors that the gateway makes',
    '',
    'The access log (`reason`) and the metric `tenfold_http_failures_total` (label `reason`) say why the gateway answered a request with an error itself, or why it or the client gave an answer up. Where there is no reason, the target answered, whatever it said. Clients get a code of [the errors](errors.md), which says less. The level is that of the log line. Lines of `warn` and `error` have the field `cause`: it names hosts, functions and expressions, and clients never get it.',
    '',
    '| reason | level | what happened | what to do |',
    '| --- | --- | --- | --- |',
    ...Object.entries(answerReasons).map(
      ([reason, { level, means, next }]) => `| \`${reason}\` | ${level} | ${means} | ${next} |`,
    ),
    '',
  ].join('\n');
}
