// Ajv as we run users' schemas with: strict, without backtracking patterns, without quadratic
// keywords, nothing loaded from elsewhere.
import { Ajv, type Options } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { compilePattern } from '../../patterns.ts';
import { addFormats } from './formats.ts';
import { SENSITIVE } from './marks.ts';
import { addSafeEquality } from './same-values.ts';
import { addLinearUniqueItems } from './unique-items.ts';

export type Draft = 'draft-07' | '2020-12';

function re2(source: string): { test(text: string): boolean } {
  const { test } = compilePattern(source);
  // Ajv takes two patterns for the same one when their texts are equal.
  return Object.assign({ test }, { toString: () => source });
}
// Ajv names the engine in code that it writes to files; we never do that.
re2.code = 're2';

export interface AjvOptions {
  readonly draft: Draft;
  /** Collects every violation instead of the first: only for data of bounded size. */
  readonly allErrors: boolean;
  /** Whether schemas are held against the schema of their draft. */
  readonly checkDraft: boolean;
}

export function createAjv({ draft, allErrors, checkDraft }: AjvOptions): Ajv {
  const options: Options = {
    strictSchema: true,
    strictNumbers: true,
    strictTypes: false,
    strictTuples: false,
    strictRequired: false,
    allowUnionTypes: true,
    validateFormats: true,
    allErrors,
    validateSchema: checkDraft,
    logger: false,
    code: { regExp: re2 },
  };
  const ajv = draft === 'draft-07' ? new Ajv(options) : new Ajv2020(options);
  // Resolved by Ajv, but not declared by it.
  if (draft === '2020-12') ajv.addKeyword('$anchor');
  ajv.addKeyword({ keyword: SENSITIVE, schemaType: 'boolean' });
  addFormats(ajv);
  addLinearUniqueItems(ajv);
  addSafeEquality(ajv);
  return ajv;
}
