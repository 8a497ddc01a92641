// Puts an entry of the audit log into words; a path of the admin API that has none stays as it is.
import type { AuditEntry, AuditOutcome } from '../../../admin/audit-view.ts';
import type { Tone } from '../../parts/tone.ts';
import { namedWords, numberWords } from '../../parts/words.ts';

export const outcomeTones: Readonly<Record<AuditOutcome, Tone>> = {
  done: 'good',
  refused: 'warn',
  failed: 'bad',
  'cut off': 'warn',
  unknown: 'bad',
};

type Parts = Readonly<Record<string, string | undefined>>;

const PATHS: readonly (readonly [RegExp, (parts: Parts) => string])[] = [
  [/^POST \/console\/session$/, () => 'Sign in to the Console'],
  [
    /^POST \/api\/consumers\/(?<kind>\w+)\/(?<namespace>[^/]+)\/(?<name>.+)\/(?<change>pause|resume)$/,
    ({ kind = '', namespace = '', name = '', change = '' }) =>
      `${capital(change)} ${namedWords({ kind, namespace, name })}`,
  ],
  [
    /^POST \/api\/operations\/[^/]+\/(?<id>[^/]+)\/(?<change>\w+)$/,
    ({ id, change = '' }) => `${capital(change)} operation ${id}`,
  ],
  [
    /^POST \/api\/views\/(?<namespace>[^/]+)\/(?<name>[^/]+)\/rebuild$/,
    ({ namespace = '', name = '' }) => `Rebuild ${namedWords({ kind: 'View', namespace, name })}`,
  ],
  [
    /^POST \/api\/schedules\/(?<kind>\w+)\/(?<namespace>[^/]+)\/(?<name>[^/]+)\/(?<schedule>[^/]+)\/(?<change>\w+)$/,
    ({ kind = '', namespace = '', name = '', schedule, change = '' }) =>
      `${capital(change)} schedule ${schedule} of ${namedWords({ kind, namespace, name })}`,
  ],
  [/^POST \/api\/backup$/, () => 'Make a back-up'],
  [/^DELETE \/api\/cache$/, () => 'Delete cached answers'],
];

export function deedWords({ action, asked }: Pick<AuditEntry, 'action' | 'asked'>): string {
  const said = (typeof asked === 'object' && asked !== null ? asked : {}) as Parts;
  if (
    /^POST \/api\/(operations|dead-letters\/commands|parked\/commands)$/.test(action) &&
    said['action'] !== undefined
  ) {
    const { kind = '', namespace = 'default', name = '' } = said;
    const what = `${said['action']} events of ${namedWords({ kind, namespace, name })}`;
    return action === 'POST /api/operations' ? `Plan: ${what}` : capital(what);
  }
  for (const [path, words] of PATHS) {
    const found = path.exec(action)?.groups;
    if (found !== undefined || path.test(action)) return words(decoded(found ?? {}));
  }
  return /^(GET|POST|PUT|DELETE) /.test(action) ? action : capital(action);
}

export function outcomeWords({ outcome, status, taken, failed, untold }: AuditEntry): string {
  const parts = [
    (outcome === 'refused' || outcome === 'failed') && status !== undefined ? `status ${status}` : undefined,
    taken === undefined ? undefined : `${numberWords(taken)} taken`,
    failed ? `${numberWords(failed)} not taken` : undefined,
    untold ? `after ${numberWords(untold)} refused sign-ins without an entry` : undefined,
  ];
  return parts.filter(part => part !== undefined).join(', ');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function decoded(parts: Parts): Parts {
  return Object.fromEntries(Object.entries(parts).map(([name, value = '']) => [name, decodedText(value)]));
}

function decodedText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
