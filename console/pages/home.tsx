// Answers the question "what is wrong?": the verdict, and each finding with its cause, its age,
// whom it touches, and the way to its mend.
import type { Diagnosis, Finding } from '../../admin/diagnosis/finding.ts';
import { counted } from '../../core/units/counted.ts';
import { ask } from '../api/ask.ts';
import { endpoints } from '../api/endpoints.ts';
import { wholeOf } from '../api/heard.ts';
import { useLive } from '../api/live.ts';
import { Command } from '../parts/act.tsx';
import { Badge, Shape } from '../parts/badge.tsx';
import { Figure } from '../parts/figure.tsx';
import { PageHead, View } from '../parts/view.tsx';
import { When } from '../parts/when.tsx';
import { namedWords, numberWords } from '../parts/words.ts';
import { linkTo } from '../shell/router.ts';
import { mendOf } from './mend.ts';

/** Conditions of resources say what is wrong with them. */
const FINDINGS = { on: wholeOf('platform', 'resource') };
const MOST_TOUCHED = 8;

export function Home() {
  const diagnosis = useLive('diagnosis', signal => ask(endpoints.diagnosis, { params: {} }, signal), FINDINGS);
  return (
    <View of={diagnosis}>
      {data => (
        <>
          <Verdict of={data} at={diagnosis.at} isOld={diagnosis.error !== undefined} />
          {data.findings.length + data.unknown.length === 0 ? <Well /> : null}
          <ol class="findings">
            {data.findings.map((finding, index) => (
              <FindingItem key={`${index}`} finding={finding} />
            ))}
          </ol>
          {data.unknown.map(sentence => (
            <p key={sentence} class="banner banner-warn">
              <Badge tone="warn" word="not known" /> <span>{sentence}</span>
            </p>
          ))}
        </>
      )}
    </View>
  );
}

/** `at`: when the platform last said so. */
function Verdict(props: { readonly of: Diagnosis; readonly at: number | undefined; readonly isOld: boolean }) {
  const { isOld, at = 0 } = props;
  const { findings, unknown, resources } = props.of;
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  const tone = isOld ? 'quiet' : errors > 0 ? 'bad' : findings.length + unknown.length > 0 ? 'warn' : 'good';
  const words = [
    ...(errors > 0 ? [`${counted(errors, 'thing')} ${errors === 1 ? 'does' : 'do'} not work`] : []),
    ...(warnings > 0 ? [`${counted(warnings, 'thing')} ${warnings === 1 ? 'needs' : 'need'} a look`] : []),
  ];
  const title =
    words.length > 0
      ? words.join(', ')
      : unknown.length > 0
        ? 'Not all is known'
        : isOld
          ? 'All was well'
          : 'All is well';
  return (
    <PageHead
      title={
        <>
          <Shape tone={tone} /> {title}
        </>
      }
    >
      <p class="muted">
        {counted(resources, 'resource')} looked at <When at={new Date(at).toISOString()} />
      </p>
    </PageHead>
  );
}

/** Green means that somebody looked: it says at what, and leads there. */
function Well() {
  const info = useLive('info', signal => ask(endpoints.info, { params: {} }, signal), FINDINGS);
  return (
    <>
      <p class="muted well">
        Every resource is in force, no event was given up or waits for a person, and all that was asked has answered.
        This page keeps looking while it is open.
      </p>
      <View of={info}>
        {({ counts, version, startedAt, addresses }) => (
          <dl class="figures">
            <Figure title="Resources" value={numberWords(counts.resources)} href={linkTo(['resources'])} />
            <Figure
              title="Functions"
              value={numberWords(counts.functions)}
              href={linkTo(['resources'], { kind: 'Function' })}
            />
            <Figure title="Routes" value={numberWords(counts.routes)} href={linkTo(['resources'], { kind: 'Api' })} />
            <Figure title="Serves at" value={addresses.public || 'no public listener'} />
            <Figure title="Started" value={<When at={startedAt} />} />
            <Figure title="Version" value={version} />
          </dl>
        )}
      </View>
    </>
  );
}

function FindingItem({ finding }: { readonly finding: Finding }) {
  const { severity, resource, reason, since, message, cause, touches, next } = finding;
  const mend = mendOf(finding);
  const isCommand = next.startsWith('tenfold ');
  return (
    <li class={`finding ${severity}`}>
      <div class="finding-head">
        <Badge tone={severity === 'error' ? 'bad' : 'warn'} word={severity} />
        <h2>
          {resource === undefined ? (
            'The platform'
          ) : (
            <a href={linkTo(['resources', resource.kind, resource.namespace, resource.name])}>{namedWords(resource)}</a>
          )}
        </h2>
        <span class="muted">{reason}</span>
        {since === undefined ? null : (
          <span class="muted finding-age">
            <When at={since} how="for" />
          </span>
        )}
      </div>
      <p>{message}</p>
      {cause === undefined ? null : <p class="cause">{cause}</p>}
      {touches.length === 0 ? null : <Touched all={touches} />}
      <div class="finding-mend">
        {mend === undefined ? null : (
          <a class="button" data-row href={mend.href}>
            {mend.label}
          </a>
        )}
        {isCommand ? <Command text={next} /> : <span class="muted">{next}</span>}
      </div>
    </li>
  );
}

function Touched({ all }: { readonly all: readonly string[] }) {
  const shown = all.slice(0, MOST_TOUCHED);
  const more = all.length - shown.length;
  return (
    <p class="touches">
      <span class="muted">Touches</span>
      {shown.map(each => (
        <a key={each} class="chip" href={linkTo(['resources'], { q: each.split(' ').at(-1) })}>
          {each}
        </a>
      ))}
      {more > 0 ? <span class="muted">and {more} more</span> : null}
    </p>
  );
}
