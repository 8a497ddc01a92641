// When colours are used.
import assert from 'node:assert/strict';
import { createStyle, wantsColour } from '../../cli/style.ts';

describe('colours', () => {
  const rows = [
    { name: 'a terminal', env: {}, isTerminal: true, wanted: true },
    { name: 'a pipe or file', env: {}, isTerminal: false, wanted: false },
    { name: 'a terminal with NO_COLOR', env: { NO_COLOR: '1' }, isTerminal: true, wanted: false },
    { name: 'a terminal with an empty NO_COLOR', env: { NO_COLOR: '' }, isTerminal: true, wanted: true },
    { name: 'a terminal that can do nothing', env: { TERM: 'dumb' }, isTerminal: true, wanted: false },
    { name: 'a pipe with FORCE_COLOR', env: { FORCE_COLOR: '1' }, isTerminal: false, wanted: true },
    { name: 'a pipe with an empty FORCE_COLOR', env: { FORCE_COLOR: '' }, isTerminal: false, wanted: true },
    { name: 'a terminal with FORCE_COLOR=0', env: { FORCE_COLOR: '0' }, isTerminal: true, wanted: false },
    {
      name: 'both variables, where FORCE_COLOR wins',
      env: { FORCE_COLOR: '1', NO_COLOR: '1' },
      isTerminal: false,
      wanted: true,
    },
  ];
  for (const { name, env, isTerminal, wanted } of rows) {
    it(`${wanted ? 'are used' : 'are not used'} for ${name}`, () => {
      assert.equal(wantsColour(env, isTerminal), wanted);
    });
  }

  it('are escape sequences when on, and nothing when off', () => {
    assert.equal(createStyle(true).red('no'), '\u001b[31mno\u001b[39m');
    assert.equal(createStyle(false).red('no'), 'no');
  });
});
