// The formats of JSON Schema, each in linear time. Patterns of ajv-formats run on RE2; those it
// cannot express are replaced.
import type { Ajv, Format } from 'ajv';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import { RE2JS } from 're2js';

/**
 * Longest text that a format with a look-ahead is tried on; longer ones are none (RFC 1035
 * §2.3.4, RFC 3339 appendix A).
 */
const SHORT = { duration: 64, hostname: 255 } as const;
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/**
 * Formats whose pattern or function takes more than linear time, or checks what only a
 * browser's engine could tell.
 */
const replaced: Readonly<Record<string, (text: string) => boolean>> = {
  duration: text => text.length <= SHORT.duration && matches(fullFormats.duration, text),
  hostname: text => text.length <= SHORT.hostname && matches(fullFormats.hostname, text),
  uri: text => SCHEME.test(text) && uriReference(text),
  url: text => SCHEME.test(text) && URL.canParse(text),
  regex: text => isRe2(text),
};

export function addFormats(ajv: Ajv): void {
  for (const [name, format] of Object.entries(fullFormats)) {
    const own = replaced[name];
    if (own) ajv.addFormat(name, { validate: own });
    else if (format instanceof RegExp) ajv.addFormat(name, { validate: onRe2(format) });
    else ajv.addFormat(name, format);
  }
}

function matches(format: Format | undefined, text: string): boolean {
  return format instanceof RegExp && format.test(text);
}

/** Compiled when first used: a process pays for the formats that it meets. */
function onRe2(pattern: RegExp): (text: string) => boolean {
  let compiled: RE2JS | undefined;
  return text => {
    compiled ??= RE2JS.compile(pattern.source, pattern.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
    return compiled.test(text);
  };
}

const uriReference = onRe2(fullFormats['uri-reference'] instanceof RegExp ? fullFormats['uri-reference'] : /^$/);

function isRe2(text: string): boolean {
  try {
    return text.length <= 1000 && RE2JS.compile(text) !== undefined;
  } catch {
    return false;
  }
}
