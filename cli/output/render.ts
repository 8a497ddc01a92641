// Prints one answer of the admin API as JSON or YAML.
import { stringify } from 'yaml';
import { toExactText } from '../../core/units/whole-numbers.ts';

export function renderData(value: unknown, format: 'json' | 'yaml'): string {
  return format === 'json'
    ? renderJson(value, 2)
    : escapeControls(stringify(value, { aliasDuplicateObjects: false }).trimEnd());
}

/** YAML whose long texts keep their lines, such as documents within a document. */
export function renderWithTexts(value: unknown): string {
  const text = stringify(value, { aliasDuplicateObjects: false, blockQuote: 'literal', lineWidth: 0 });
  return escapeControls(text.trimEnd());
}

export function renderJson(value: unknown, indent?: number): string {
  return escapeControls(toExactText(value, indent)).replace(DIRECTIONS, escaped);
}

/** They turn the direction in which others are written. YAML quotes no text that has them. */
const DIRECTIONS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Terminals obey these characters, too. They stand in quoted strings alone, as YAML quotes text
 * that has them, and both formats know this way to write them.
 */
function escapeControls(text: string): string {
  return text.replace(/[\u007f-\u009f]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
