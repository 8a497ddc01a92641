// Contract of the search index: what is found by words.
import assert from 'node:assert/strict';
import type { SearchQuery } from '../../../drivers/search-index/query.ts';
import type { IndexSettingsInput } from '../../../drivers/search-index/settings.ts';
import { idsOf, indexOf, marked, type SearchSubject } from './subject.ts';

const COFFEE: IndexSettingsInput = {
  fields: {
    title: { type: 'text', boost: 3, fuzzy: true, suggest: true },
    text: { type: 'text', fuzzy: true, phonetic: true, language: 'en' },
    plain: { type: 'text' },
  },
  synonyms: [
    ['flat white', 'small latte'],
    ['cookie', 'biscuit'],
  ],
};
const DOCUMENTS = {
  v60: { title: 'V60 from Ethiopia', text: 'A filter coffee, poured slowly, with notes of jasmine.' },
  flat: { title: 'Flat White', text: 'Two ristretti and a little steamed milk.' },
  cookie: { title: 'Oat cookie', text: 'Baked in the morning; goes with coffees of any kind.' },
  cafe: { title: 'Café crème', text: 'As they drink it in Zürich and in Straße 5.', plain: 'brewing' },
  smith: { title: 'Roastery', text: 'Our roaster is called Schmidt. He brews since 1998.' },
  tokyo: { title: '東京の喫茶店', text: 'Siphon' },
};

export function words(subject: () => SearchSubject): void {
  describe('words', () => {
    let index: string;
    before(async () => {
      index = await indexOf(subject().search, COFFEE, DOCUMENTS);
    });

    const found: [string, SearchQuery, string[]][] = [
      ['whatever their case', { text: 'ETHIOPIA' }, ['v60']],
      ['whatever their accents', { text: 'cafe CREME' }, ['cafe']],
      ['with accents that the document does not have', { text: 'éthiopia' }, ['v60']],
      ['with letters that are two', { text: 'strasse' }, ['cafe']],
      ['with digits', { text: '1998' }, ['smith']],
      ['only if all are there', { text: 'oat milk' }, []],
      ['if any is there, when asked so', { text: 'jasmine milk', words: 'any' }, ['flat', 'v60']],
      ['in other forms, where the language is known', { text: 'brewing' }, ['cafe', 'smith']],
      ['not in other forms elsewhere', { text: 'brew', fields: ['plain'] }, []],
      ['with a letter missing', { text: 'ethopia' }, ['v60']],
      ['with a letter too much', { text: 'rroastery' }, ['smith']],
      ['with a wrong letter, the first too', { text: 'jathiopia', fields: ['title'] }, ['v60']],
      ['with two letters swapped', { text: 'flta' }, ['flat']],
      ['with two typos in a long word', { text: 'etiopja' }, []],
      ['with two typos in a longer word', { text: 'ritsretty' }, ['flat']],
      ['not with three', { text: 'ristxyzti' }, []],
      ['not with typos in short words', { text: 'oot', fields: ['title'] }, []],
      ['not with typos where that was not asked for', { text: 'brewinb', fields: ['plain'] }, []],
      ['that sound alike', { text: 'shmit' }, ['smith']],
      ['that mean the same', { text: 'biscuit' }, ['cookie']],
      ['that mean the same together', { text: 'small latte' }, ['flat']],
      ['in this order between quotes', { text: '"steamed milk"' }, ['flat']],
      ['not in another order between quotes', { text: '"milk steamed"' }, []],
      ['that are not finished', { text: 'ethi', unfinished: true, fields: ['title'] }, ['v60']],
      ['that are not finished, not without saying so', { text: 'ethi', fields: ['title'] }, []],
      ['only in the fields asked for', { text: 'coffee', fields: ['title'] }, []],
      ['of scripts without spaces', { text: '喫茶' }, ['tokyo']],
      ['none when there is nothing to look for', { text: '!?' }, []],
    ];
    for (const [what, query, expected] of found) {
      it(`are found ${what}`, async () => {
        assert.deepEqual((await idsOf(subject().search, index, query)).sort(), expected);
      });
    }

    it('cannot be a question of another kind', async () => {
      for (const text of [
        'title:flat',
        'flat OR x',
        'fl*',
        '"',
        '""',
        'NEAR(a b)',
        "'; DROP TABLE",
        '(',
        '{title} : x',
        '^flat',
        '\\',
        '-milk',
        'a AND',
      ])
        await subject().search.search(index, { text });
      assert.deepEqual(await idsOf(subject().search, index, { text: '"flat' }), ['flat']);
    });

    describeRanks(subject);
    it('count more in fields with a boost', async () => {
      const { search } = subject();
      const settings: IndexSettingsInput = { fields: { a: { type: 'text' }, b: { type: 'text', boost: 10 } } };
      const name = await indexOf(search, settings, { one: { a: 'milk', b: 'tea' }, two: { a: 'tea', b: 'milk' } });
      assert.deepEqual(await idsOf(search, name, { text: 'milk' }), ['two', 'one']);
    });

    it('are shown where they matched', async () => {
      const { search } = subject();
      const text = `${'Before it. '.repeat(30)}The jásmine tea. ${'After it. '.repeat(30)}`;
      const name = await indexOf(search, COFFEE, {
        a: { title: 'No <b>', text },
        b: { title: 'Jasmine, jasmin & more', text: '' },
      });
      const { hits } = await search.search(name, { text: 'jasmine', highlight: ['title', 'text'] });
      const [b, a] = hits;
      assert.deepEqual([b?.id, a?.id], ['b', 'a']);
      assert.deepEqual(b?.highlights['title']?.map(marked), ['[Jasmine], [jasmin] & more']);
      const [fragment = []] = a?.highlights['text'] ?? [];
      assert.match(marked(fragment), /The \[jásmine\] tea/);
      const shown = fragment.map(part => part.text).join('');
      assert.ok(text.includes(shown) && shown.length < 200, shown);
      assert.equal(a?.highlights['title'], undefined);
    });

    it('are suggested while they are typed, most frequent first, typos forgiven', async () => {
      const { search } = subject();
      const name = await indexOf(search, COFFEE, {
        1: { title: 'Espresso' },
        2: { title: 'Espresso macchiato' },
        3: { title: 'Ésprit' },
        4: { title: 'Latte macchiato' },
      });
      const suggest = (text: string, limit = 10) => search.suggest(name, { field: 'title', text, limit });
      assert.deepEqual(await suggest('esp'), ['espresso', 'esprit']);
      assert.deepEqual(await suggest('esp', 1), ['espresso']);
      assert.deepEqual(await suggest('Latte ma'), ['Latte macchiato']);
      assert.deepEqual(await suggest('expresso'), ['espresso']);
      assert.deepEqual(await suggest('zzz'), []);
      assert.deepEqual(await suggest('!'), []);
      await search.change(name, [{ kind: 'delete', id: '3', version: 2 }]);
      await search.refresh(name);
      assert.deepEqual(await suggest('esp'), ['espresso']);
    });
  });
}

function describeRanks(subject: () => SearchSubject): void {
  it('that match as they are come before those that only resemble', async () => {
    const { search } = subject();
    const settings: IndexSettingsInput = { fields: { t: { type: 'text', fuzzy: true, phonetic: true } } };
    const name = await indexOf(search, settings, {
      typo: { t: 'latta' },
      exact: { t: 'a latte among very many other words that make it a weak match for the one' },
      again: { t: 'latte' },
    });
    const { hits, total } = await search.search(name, { text: 'latte' });
    assert.deepEqual(
      hits.map(({ id }) => id),
      ['again', 'exact', 'typo'],
    );
    assert.deepEqual(total, { count: 3, isExact: true });
    const scores = hits.map(({ score }) => score);
    assert.deepEqual(
      [...scores].sort((a, b) => b - a),
      scores,
    );
    const pages = [];
    for (let after: string | undefined; ; ) {
      const page = await search.search(name, { text: 'latte', limit: 1, after });
      pages.push(...page.hits.map(({ id }) => id));
      after = page.next;
      if (after === undefined) break;
    }
    assert.deepEqual(pages, ['again', 'exact', 'typo']);
  });

  it('are ranked: as they are written, as they begin, with typos, by sound, and each hit has a score', async () => {
    const { search } = subject();
    const settings: IndexSettingsInput = { fields: { t: { type: 'text', fuzzy: true, phonetic: true } } };
    const name = await indexOf(search, settings, {
      sound1: { t: 'Shmit and some more words' },
      sound2: { t: 'Shmit' },
      typo1: { t: 'Schmidd of a rather long text with words that nobody looks for' },
      typo2: { t: 'Schmidd' },
      begins: { t: 'Schmidtke' },
      exact1: { t: 'Schmidt and many more words than the other one has' },
      exact2: { t: 'Schmidt' },
    });
    const { hits } = await search.search(name, { text: 'schmidt', unfinished: true });
    const order = hits.map(({ id }) => id.replace(/\d$/, ''));
    const place = ['exact', 'begins', 'typo', 'sound'];
    assert.deepEqual(
      order,
      order.toSorted((a, b) => place.indexOf(a) - place.indexOf(b)),
      order.join(' '),
    );
    assert.deepEqual([...new Set(order)], place);
    for (const [index, { score }] of hits.entries()) {
      assert.ok(score > 0, `hit ${index} has score ${score}`);
      if (index > 0) assert.ok(score <= (hits[index - 1]?.score ?? 0), `hit ${index} is above the one before`);
    }
    // The shorter text is more about it, also where it is only alike.
    const ids = hits.map(({ id }) => id);
    for (const kind of ['exact', 'typo', 'sound']) assert.ok(ids.indexOf(`${kind}2`) < ids.indexOf(`${kind}1`), kind);
  });

  it('are found where they are written apart, in fields with typos', async () => {
    const { search } = subject();
    const settings: IndexSettingsInput = { fields: { t: { type: 'text', fuzzy: true }, plain: { type: 'text' } } };
    const name = await indexOf(search, settings, {
      hero: { t: 'Spider-Man' },
      other: { t: 'a man with a spider' },
      plain: { plain: 'Spider-Man' },
    });
    assert.deepEqual(await idsOf(search, name, { text: 'spiderman' }), ['hero']);
  });

  it('are found and ranked in titles that are short or hold more signs than letters', async () => {
    const { search } = subject();
    const settings: IndexSettingsInput = { fields: { t: { type: 'text', fuzzy: true, phonetic: true } } };
    const titles = [
      'E.T.',
      'E.T. the Extra-Terrestrial',
      'M*A*S*H',
      'Up',
      '9',
      'WALL·E',
      'U-571',
      'Mr. & Mrs. Smith',
      'Étna',
    ];
    const name = await indexOf(search, settings, Object.fromEntries(titles.map((t, index) => [`d${index}`, { t }])));
    const first: Record<string, string> = {
      'e.t': 'E.T.',
      ET: 'E.T.',
      'M A S H': 'M*A*S*H',
      mash: 'M*A*S*H',
      etna: 'Étna',
      'wall-e': 'WALL·E',
      u571: 'U-571',
    };
    for (const [text, title] of [...titles.map(title => [title, title]), ...Object.entries(first)]) {
      const { hits } = await search.search(name, { text: text ?? '' });
      assert.deepEqual(hits[0]?.document, { t: title }, text);
      assert.ok((hits[0]?.score ?? 0) > 0, text);
    }
  });
}
