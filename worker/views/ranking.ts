// A View as a ranking: each event gives points to a member, or takes it out.
import { compileJsonTemplate } from '../../core/cel/json-template.ts';
import { compileTemplate } from '../../core/cel/template.ts';
import { TenfoldError } from '../../core/errors.ts';
import { VIEW_RANKING } from '../../core/views/view-layout.ts';
import type { Change } from '../../drivers/store/changes.ts';
import { scopeOf } from '../../resources/references/scopes.ts';
import type { Resource } from '../../resources/resource.ts';
import { compileCondition, compileKey, createEventReader } from './event-reader.ts';
import { DELETE, isDelete, NOTHING, parseValue } from './operation.ts';
import type { ViewShape } from './view-shape.ts';

type RankingSpec = NonNullable<Resource<'View'>['spec']['ranking']>;

/** What a record says of its member. */
interface Points {
  readonly score: number;
  /** JSON text of what is shown. */
  readonly shown?: string;
}

/**
 * Each partition of the View keeps the best of its own members, as many as the whole ranking: so the best of all are among them. A member that falls
 * out of its partition's best begins from nothing when it comes back.
 */
export function compileRanking(spec: RankingSpec, filter: string | undefined): ViewShape {
  const read = createEventReader(filter);
  const memberOf = compileKey('The member of the ranking', spec.member);
  const deletes = compileCondition(spec.delete);
  const points = compileTemplate(spec.score, scopeOf('event'), { expected: 'number', whole: true });
  const value = spec.value === undefined ? undefined : compileJsonTemplate(spec.value, scopeOf('event'));

  return {
    project(record) {
      const event = read(record);
      if (event === undefined) return [];
      const key = memberOf(event);
      if (deletes(event)) return [{ key, value: NOTHING, headers: DELETE }];
      const score = points.evaluate({ event });
      if (typeof score !== 'number' || !Number.isFinite(score)) {
        throw new TenfoldError('expression-failed', `The points, ${spec.score}, are no finite number.`);
      }
      const made: Points = value ? { score, shown: JSON.stringify(value.evaluate({ event })) } : { score };
      return [{ key, value: Buffer.from(JSON.stringify(made)) }];
    },
    async toChanges(records) {
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

function toPoints(bytes: Uint8Array): Points {
  const made = parseValue(bytes);
  if (typeof made !== 'object' || made === null || !('score' in made) || typeof made.score !== 'number') {
    throw new TenfoldError('invalid-input', 'A record of the ranking has no points.');
  }
  const { score } = made;
  return 'shown' in made && typeof made.shown === 'string' ? { score, shown: made.shown } : { score };
}
