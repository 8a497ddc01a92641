// A View as a ranking: each event gives points to a member, or takes it out.

import { compileTemplate } from '../../../core/cel/template.ts';
import { compileValue } from '../../../core/cel/value.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { toExactText } from '../../../core/units/whole-numbers.ts';
import { VIEW_RANKING } from '../../../core/views/view-layout.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import { scopeOf } from '../../../resources/references/scopes.ts';
import type { Resource } from '../../../resources/resource.ts';
import { compileEventCondition, compileRequiredKey, createEventReader, happenedAt } from './event-reader.ts';
import { DELETE, isDelete, NOTHING, parseDoubles } from './operation.ts';
import { createRankingWindow, type Scored } from './ranking-window.ts';
import type { PlainShape } from './view-shape.ts';

type RankingSpec = NonNullable<Resource<'View'>['spec']['ranking']>;

/** The points of a member, as a record has them. */
interface Points {
  readonly score: number;
  /** Time of the event, milliseconds since 1970; of a ranking with a window. */
  readonly at?: number;
  /** JSON text of the shown value. */
  readonly shown?: string;
}

/**
 * Each partition of the View keeps the best of its own members, as many as the whole ranking. So
 * the best of all are among them. A member that falls out of its partition's best begins from
 * nothing when it comes back.
 */
export function compileRanking(spec: RankingSpec, filter: string | undefined): PlainShape {
  const read = createEventReader(filter);
  const memberOf = compileRequiredKey('The member of the ranking', spec.member);
  const deletes = compileEventCondition(spec.delete);
  const points = compileTemplate(spec.score, scopeOf('event'), { expected: 'number', whole: true });
  const value = spec.value === undefined ? undefined : compileValue(spec.value, scopeOf('event'));

  const window = spec.window === undefined ? undefined : createRankingWindow(spec.window, spec.mode);

  return {
    upkeep: window?.upkeep,
    project(record) {
      const event = read(record);
      if (event === undefined) return [];
      const key = memberOf(event);
      if (deletes(event)) return [{ key, value: NOTHING, headers: DELETE }];
      const score = points.evaluate({ event });
      if (typeof score !== 'number' || !Number.isFinite(score)) {
        throw new TenfoldError('expression-failed', `The points, ${spec.score}, are no finite number.`);
      }
      const made: Points = {
        score,
        ...(window ? { at: happenedAt(event, record) } : {}),
        ...(value ? { shown: toExactText(value.evaluate({ event })) } : {}),
      };
      return [{ key, value: Buffer.from(JSON.stringify(made)) }];
    },
    async toChanges(records, scopeName, store) {
      if (window) return window.toChanges(records.map(toScored), scopeName, store);
      const { mode, limit } = spec;
      return records.map((record): Change => {
        const member = record.key ?? '';
        if (isDelete(record)) return { kind: 'unrank', ranking: VIEW_RANKING, member };
        const { score, shown } = toPoints(record.value);
        return { kind: 'score', ranking: VIEW_RANKING, member, score, mode, limit, value: shown };
      });
    },
  };
}

function toScored(record: LogRecord): Scored {
  const member = record.key ?? '';
  if (isDelete(record)) return { member, points: undefined };
  const { at = record.timestamp, ...points } = toPoints(record.value);
  return { member, points: { ...points, at } };
}

function toPoints(bytes: Uint8Array): Points {
  const made = parseDoubles(bytes);
  if (typeof made !== 'object' || made === null || !('score' in made) || typeof made.score !== 'number') {
    throw new TenfoldError('invalid-input', 'A record of the ranking has no points.');
  }
  return {
    score: made.score,
    ...('at' in made && typeof made.at === 'number' ? { at: made.at } : {}),
    ...('shown' in made && typeof made.shown === 'string' ? { shown: made.shown } : {}),
  };
}
