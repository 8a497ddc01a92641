// Kinds of values that only a configuration has: secrets by reference, files, ports, proxies.

import { isAbsolute } from 'node:path';
import * as z from 'zod';
import { isHostPattern } from '../../core/http/own-hosts.ts';
import { counted } from '../../core/units/counted.ts';
import { isReservedVariable } from '../../drivers/function-host/local/function-environment.ts';
import { parseNetworks } from '../../gateway/http/networks.ts';
import { isCallbackHost } from '../../gateway/transport/callback-policy.ts';
import { withMarks } from '../../resources/kinds/fields/marks.ts';
import { exactlyOneOf } from '../../resources/kinds/fields/rules.ts';

/** The location of a secret. */
export type SecretReference =
  | { readonly env: string; readonly file?: undefined }
  | { readonly file: string; readonly env?: undefined };

/**
 * Resolves the values of a configuration. Both functions throw an error that names the fault and
 * the next step.
 */
export interface ConfigReader {
  secret(reference: SecretReference): string;
  /** Text of a file. */
  file(path: string): string;
}

/**
 * `typeName` of values that are paths: the reader resolves them against the place where they are
 * written.
 */
export const FILE = 'file';
export const FOLDER = 'folder';
export const SECRET = 'secret';

export interface SecretRule {
  readonly minLength: number;
  /** How to make a good one. */
  readonly hint: string;
}

export const GOOD_SECRET: SecretRule = { minLength: 16, hint: ', such as those of "openssl rand -hex 24"' };

/** Written as where it stands, parsed to itself. */
export function secret(reader: ConfigReader, { minLength, hint }: SecretRule = { minLength: 1, hint: '' }) {
  const wrong =
    'A secret does not stand in the configuration itself. Say where it is: { env: NAME } for a variable, { file: PATH } for a file.';
  const place = exactlyOneOf(
    z.strictObject(
      {
        env: z.string().min(1).optional().describe('Name of the variable that holds it.'),
        file: z.string().min(1).optional().describe('File that holds it; a line end after it does not count.'),
      },
      wrong,
    ),
    ['env', 'file'],
  );
  const read = place.transform((reference, context): string => {
    const from = reference.env === undefined ? `The file ${reference.file}` : `The variable ${reference.env}`;
    try {
      const text = reader.secret(reference as SecretReference);
      if (text.length >= minLength) return text;
      const few = `${from} has ${counted(text.length, 'character')}, too few to be a secret. Give it at least ${minLength}`;
      context.issues.push({ code: 'custom', input: reference, message: `${few}${hint}.` });
    } catch (error) {
      context.issues.push({ code: 'custom', input: reference, message: messageOf(error) });
    }
    return z.NEVER;
  });
  return withMarks(read, { typeName: SECRET });
}

/** A path, parsed to the text of the file. */
export function fileText(reader: ConfigReader) {
  const read = path().transform((name, context): string => {
    try {
      return reader.file(name);
    } catch (error) {
      context.issues.push({ code: 'custom', input: name, message: messageOf(error) });
      return z.NEVER;
    }
  });
  return withMarks(read, { typeName: FILE });
}

/** A path that stays one: its file is followed. */
export function filePath() {
  return withMarks(path(), { typeName: FILE });
}

export function folderPath() {
  return withMarks(path(), { typeName: FOLDER });
}

function path() {
  return z.string().min(1).refine(isAbsolute, 'This must be a path.');
}

/** The address of one listener. */
export function listenAddress(listener: string) {
  return z
    .string()
    .min(1)
    .max(253)
    .optional()
    .describe(`Address that ${listener} listens on. Without it that of \`host\`.`);
}

/** 0 takes any free one. */
export function port() {
  const wrong = 'This must be a port: 0 (any free one) to 65535.';
  return withMarks(z.int(wrong).min(0, wrong).max(65_535, wrong), { typeName: 'port' });
}

export function networks() {
  const entry = z.string().superRefine((text, context) => {
    try {
      parseNetworks([text]);
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error) });
    }
  });
  return withMarks(z.array(entry).max(256), { typeName: 'list of networks' });
}

/** Names by which the platform itself talks to functions are refused. */
export function variableNames() {
  const wrong = 'This must be the name of a variable: letters, digits and "_", not beginning with a digit.';
  const name = z
    .string()
    .max(253)
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, wrong)
    .refine(text => !isReservedVariable(text), 'Functions do not get this variable of the platform. Name others.');
  return withMarks(z.array(name).max(256), { typeName: 'list of variables' });
}

export function callbackHosts() {
  const wrong =
    'This must be a host name in lower case, *.example.com for all hosts one level below, an address or a network.';
  return withMarks(z.array(z.string().max(253).refine(isCallbackHost, wrong)).max(256), { typeName: 'list of hosts' });
}

export function hostNames() {
  const wrong = 'This must be a host name in lower case, *.example.com for all hosts one level below, or an address.';
  return withMarks(z.array(z.string().max(253).refine(isHostPattern, wrong)).max(256), { typeName: 'list of hosts' });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
