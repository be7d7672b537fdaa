import { describe, expect, it } from '@jest/globals';
import type { Passage } from '../skills/search-documents.skill.ts';
import { citationsOf, passagesOf } from './citations.ts';

const id = '01900000-0000-7000-8000-000000000001';
const passage = (index: number): Passage => ({
  index,
  documentId: id,
  versionId: id,
  title: `T${index}`,
  page: null,
  heading: null,
  text: 'text',
  snippet: 'text',
  score: 1,
});

describe('citations', () => {
  it.each([
    ['It is so [2].', [2]],
    ['Both [3][1] say so.', [1, 3]],
    ['Both [1, 3] say so.', [1, 3]],
    ['Twice [2] and [2].', [2]],
    ['A [1](https://example.com) is a link.', []],
    ['Nothing is numbered [9] or [x] or [0].', []],
    ['', []],
  ])('of %j are %j', (text, indexes) => {
    expect(citationsOf(text, [passage(1), passage(2), passage(3)]).map(({ index }) => index)).toEqual(indexes);
  });

  it('rest on the searches that succeeded', () => {
    const found = { ok: true as const, output: { results: [passage(1)] }, summary: '' };
    const step = { kind: 'skill' as const, name: 'search_documents', arguments: {} };
    const refused = { ok: false as const, error: { code: 'x', message: 'x' } };
    const steps = [
      { ...step, ordinal: 1, outcome: found },
      { ...step, ordinal: 2, outcome: refused },
      { ...step, ordinal: 3, outcome: null },
      { ...step, ordinal: 4, name: 'list_events', outcome: found },
    ];
    expect(passagesOf(steps)).toEqual([passage(1)]);
  });
});
