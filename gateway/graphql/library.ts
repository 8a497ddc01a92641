// Loads the GraphQL library when the first Api with a GraphQL endpoint is compiled: every other
// process is spared its 60 ms and 15 MB.
import { createRequire } from 'node:module';
import type * as GraphQL from 'graphql';
import type * as GraphQLHttp from 'graphql-http';

export type Library = typeof GraphQL;
export type HttpLibrary = typeof GraphQLHttp;

// Both by `require`: the library refuses schemas made by another copy of itself, and has
// one for each module system.
const require = createRequire(import.meta.url);

export function loadLibrary(): Library {
  return require('graphql');
}

export function loadHttpLibrary(): HttpLibrary {
  return require('graphql-http');
}
