// One job of a Queue, above its page: when it was what, why it failed, and the ways on.
import type { JobSummary } from '../../../../admin/job-view.ts';
import { ask } from '../../../api/ask.ts';
import { endpoints } from '../../../api/endpoints.ts';
import { allOf } from '../../../api/heard.ts';
import { useLive } from '../../../api/live.ts';
import { Badge } from '../../../parts/badge.tsx';
import { Dialog } from '../../../parts/dialog.tsx';
import { View } from '../../../parts/view.tsx';
import { When } from '../../../parts/when.tsx';
import { causeWords } from '../../../parts/words.ts';
import { linkTo, navigate, withQuery } from '../../../shell/router.ts';
import { CancelJob } from '../cancel-job.tsx';
import { hasEnded, toneOfJob } from '../job-words.ts';

interface QueueJobName {
  readonly namespace: string;
  readonly queue: string;
  readonly id: string;
}

/** `changed`: called after the job was cancelled. */
export function QueueJobDialog(props: QueueJobName & { readonly changed: () => void }) {
  const { changed, ...params } = props;
  const { namespace, queue, id } = params;
  const job = useLive(`job ${namespace}/${queue}/${id}`, signal => ask(endpoints.job, { params }, signal), {
    on: allOf({ kind: 'Queue', namespace, name: queue }),
  });
  const cancel = async () => {
    await ask(endpoints.cancelJob, { params });
    job.again();
    changed();
  };
  return (
    <Dialog title="Job" close={() => navigate(withQuery({ job: undefined }), 'replace')}>
      <p class="mono">{id}</p>
      <View of={job}>
        {found => (
          <>
            <QueueJobFacts of={found} />
            <footer>
              {found.state === 'waiting' ? (
                <a class="button" href={linkTo(['failures', 'parked'], { kind: 'Queue', namespace, name: queue })}>
                  Open what waits
                </a>
              ) : null}
              {found.state === 'failed' ? (
                <a class="button" href={linkTo(['failures', 'letters'], { kind: 'Queue', namespace, name: queue })}>
                  Open what failed
                </a>
              ) : null}
              {hasEnded(found) || found.state === 'unknown' ? null : (
                <CancelJob namespace={namespace} cancel={cancel}>
                  No further attempt is made. A function that works on the job sees that its signal aborts, unless it
                  works on a batch. What it has done by then stays.
                </CancelJob>
              )}
            </footer>
          </>
        )}
      </View>
    </Dialog>
  );
}

function QueueJobFacts({ of }: { readonly of: JobSummary }) {
  const { state, attempts, queuedAt, startedAt, nextAttemptAt, finishedAt } = of;
  const cause = causeWords(of);
  const times = [
    ['Queued', queuedAt],
    ['Begun', startedAt],
    ['Next attempt', nextAttemptAt],
    ['Ended', finishedAt],
  ] as const;
  return (
    <>
      <dl class="facts">
        <dt>State</dt>
        <dd>
          <Badge tone={toneOfJob[state]} word={state} />
        </dd>
        <dt>Attempts</dt>
        <dd>{attempts}</dd>
        {times.map(([title, at]) =>
          at === undefined ? null : (
            <>
              <dt>{title}</dt>
              <dd>
                <When at={at} />
              </dd>
            </>
          ),
        )}
      </dl>
      {cause === '' ? null : <p class="cause">{cause}</p>}
    </>
  );
}
