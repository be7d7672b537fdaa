import { expect, it } from '@jest/globals';
import { groupingOf, isGroupName } from './usage.groups.ts';

it.each([
  ['user', true],
  ['project', true],
  ['tag:cost_center', true],
  ['tag:', false],
  ['tag:x; drop table', false],
  ['cost', false],
  ['', false],
])('%j is something to group by: %s', (name, known) => {
  expect(isGroupName(name)).toBe(known);
});

it('never writes what the caller said into the query', () => {
  expect(groupingOf(['model', 'client', 'tag:team'], 'month', 'Europe/Lisbon')).toEqual({
    names: ['month', 'model', 'client', 'tag:team'],
    expressions: [
      "to_char(created_at at time zone $4::text, 'YYYY-MM')",
      'model',
      'tags ->> $5::text',
      'tags ->> $6::text',
    ],
    values: ['Europe/Lisbon', 'client', 'team'],
  });
});
