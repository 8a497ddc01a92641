// No function has more than 80 lines, and in tests none more than 150.
import assert from 'node:assert/strict';
import { functionsOver } from './functions-over.ts';
import { SHIPPED_FOLDERS } from './source-files.ts';

describe('functions', () => {
  it('have at most 80 lines', () => {
    assert.deepEqual(functionsOver('long-functions.json', [...SHIPPED_FOLDERS, 'functions', 'scripts']), []);
  });

  it('have at most 150 lines in tests, describe’s too', () => {
    assert.deepEqual(functionsOver('long-test-functions.json', ['test']), []);
  });
});
