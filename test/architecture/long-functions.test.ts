// No function has more than 80 lines, and in tests none more than 150, but those of lists that may only become shorter.
import { assertListed, functionsOver } from './functions-over.ts';
import { SHIPPED_FOLDERS } from './source-files.ts';

describe('functions', () => {
  it('have at most 80 lines, but for those that long-functions.txt lists', () => {
    const found = functionsOver('long-functions.json', [...SHIPPED_FOLDERS, 'functions', 'scripts']);
    assertListed(found, 'long-functions.txt');
  });

  it('have at most 150 lines in tests, describe’s too, but for those that long-test-functions.txt lists', () => {
    assertListed(functionsOver('long-test-functions.json', ['test']), 'long-test-functions.txt');
  });
});
